// SPDX-License-Identifier: Apache-2.0
#include "data/tile_read.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "data/test_tile.h"
#include "store/gzip.h"

namespace canopy {
namespace {

using testing::HasSubstr;

ExampleRef ref_of(const EncodedExample& encoded) {
  return {encoded.tile_id,
          example_path(encoded.tile_id),
          std::ssize(encoded.bytes),
          "train",
          "mask",
          1};
}

/// Another tile's whole file under this one's name: gzip's own check finds nothing.
struct Exchanged {
  EncodedExample right = encode(tile_of_crowns(64, 4, 1)), wrong = encode(tile_of_crowns(64, 4, 2));
  ExampleRef ref = ref_of(right);
};

std::string refusal(std::span<const std::uint8_t> file, const ExampleRef& ref, bool verify) {
  try {
    open_tile(file, ref, verify);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    return error.what();
  }
  return "";
}

TEST(TileRead, a_tile_that_is_not_what_its_name_says_is_found_when_asked) {
  Exchanged tile;
  tile.ref.bytes = std::ssize(tile.wrong.bytes);
  EXPECT_EQ(refusal(tile.wrong.bytes, tile.ref, false), "");
  const std::string said = refusal(tile.wrong.bytes, tile.ref, true);
  EXPECT_THAT(said, HasSubstr(tile.wrong.tile_id));
  EXPECT_THAT(said, HasSubstr(tile.right.tile_id));
  EXPECT_EQ(refusal(tile.right.bytes, ref_of(tile.right), true), "");
}

TEST(TileRead, a_file_of_another_size_than_its_row_says_is_always_hashed) {
  Exchanged tile;
  tile.ref.bytes = std::ssize(tile.wrong.bytes) + 1;
  EXPECT_THAT(refusal(tile.wrong.bytes, tile.ref, false), HasSubstr("of its catalog row"));
}

TEST(TileRead, the_same_content_packed_to_another_size_is_no_fault) {
  Exchanged tile;
  tile.ref.bytes = 1;
  EXPECT_EQ(refusal(tile.right.bytes, tile.ref, false), "");
  tile.ref.bytes = 0;
  EXPECT_EQ(refusal(tile.right.bytes, tile.ref, false), "");
}

TEST(TileRead, messages_say_which_tile_and_where_it_lies) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "tile_read";
  std::filesystem::remove_all(folder);
  const auto store = open_blob_store(folder.string());
  const Exchanged tile;
  store->put_if_absent(tile.ref.uri, tile.wrong.bytes);
  try {
    read_tile(*store, tile.ref, true);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("tile " + tile.ref.tile_id + " (" + folder.string()));
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace canopy
