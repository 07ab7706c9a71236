// SPDX-License-Identifier: Apache-2.0
#include "data/refs_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

std::string in_temp(const std::string& name) { return ::testing::TempDir() + "refs_" + name; }

std::string message_of(const std::string& content) {
  const std::string path = in_temp("bad.tsv");
  write_file(path, content);
  try {
    read_refs_file(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(RefsFile, what_is_written_is_read_again) {
  const std::vector<ExampleRef> refs = {{"aa", "aa/a.gz", 120, "train", "mask", 1},
                                        {"bb", "bb/b.gz", 0, "val", "box", 0.25}};
  write_refs_file(in_temp("ok.tsv"), {"oaks", "3f9c", refs});
  const RefsFile list = read_refs_file(in_temp("ok.tsv"));
  EXPECT_EQ(list.dataset, "oaks");
  EXPECT_EQ(list.dataset_id, "3f9c");
  const auto& again = list.refs;
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0].uri, "aa/a.gz");
  EXPECT_EQ(again[0].bytes, 120);
  EXPECT_EQ(again[1].split, "val");
  EXPECT_EQ(again[1].label_kind, "box");
  EXPECT_EQ(again[1].weight, 0.25);
}

TEST(RefsFile, columns_may_come_in_any_order) {
  write_file(in_temp("order.tsv"), "split\tfarm\turi\ttile_id\ntest\tNorth\tx.gz\tx\n");
  const auto refs = read_refs_file(in_temp("order.tsv")).refs;
  EXPECT_EQ(refs.at(0).tile_id, "x");
  EXPECT_EQ(refs.at(0).split, "test");
  EXPECT_EQ(refs.at(0).weight, 1);
}

TEST(RefsFile, a_list_need_not_say_of_which_dataset_it_is) {
  write_refs_file(in_temp("bare.tsv"), {"", "", {{"aa", "aa/a.gz", 120, "train", "mask", 1}}});
  EXPECT_THAT(read_file(in_temp("bare.tsv")), ::testing::StartsWith("tile_id\t"));
  EXPECT_EQ(read_refs_file(in_temp("bare.tsv")).dataset_id, "");
  EXPECT_EQ(read_refs_file(in_temp("bare.tsv")).refs.size(), 1u);
}

TEST(RefsFile, a_bad_line_is_named) {
  using ::testing::HasSubstr;
  EXPECT_THAT(message_of("uri\tsplit\n"), HasSubstr("'tile_id' is missing"));
  EXPECT_THAT(message_of("tile_id\turi\tsplit\na\tb\n"), HasSubstr("bad.tsv:2: 2 columns"));
  EXPECT_THAT(message_of("# by hand\ntile_id\turi\tsplit\na\tb\n"),
              HasSubstr("bad.tsv:3: 2 columns"));
  EXPECT_THAT(message_of("# by hand\nuri\tsplit\n"), HasSubstr("bad.tsv:2: the column"));
  EXPECT_THAT(message_of("tile_id\turi\tsplit\tbytes\na\tb\ttrain\tmany\n"), HasSubstr("'many'"));
  EXPECT_THROW(read_refs_file(in_temp("none.tsv")), Error);
  const std::vector<ExampleRef> tab = {{"a\tb", "", 0, "", "", 1}};
  EXPECT_THROW(write_refs_file(in_temp("tab.tsv"), {"", "", tab}), Error);
  EXPECT_THROW(write_refs_file(in_temp("tab.tsv"), {"two\nlines", "id", {}}), Error);
}

}  // namespace
}  // namespace canopy
