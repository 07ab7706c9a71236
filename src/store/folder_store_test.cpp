// SPDX-License-Identifier: Apache-2.0
#include "store/folder_store.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

fs::path place() {
  return fs::path(testing::TempDir()) / ("folder_store." + std::to_string(::getpid()));
}

class FolderStoreTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(place()); }
  void TearDown() override { fs::remove_all(place()); }
};

TEST_F(FolderStoreTest, leftovers_of_a_dead_writer_are_never_seen) {
  FolderStore store(place());
  store.put_if_absent("ab/one.gz", std::vector<std::uint8_t>{1});
  std::ofstream(place() / "ab" / "two.tmp.999999.0.gz") << "half";
  std::ofstream(place() / "not a blob name") << "x";
  int seen = 0;
  store.list("", [&](const std::string& name, std::int64_t) {
    EXPECT_EQ(name, "ab/one.gz");
    ++seen;
  });
  EXPECT_EQ(seen, 1);
  EXPECT_THROW(store.get("ab/two.tmp.999999.0.gz"), Error);
}

TEST_F(FolderStoreTest, nothing_but_the_blobs_remains_in_the_folder) {
  FolderStore store(place());
  for (int i = 0; i < 2; ++i) store.put_if_absent("ab/one.gz", std::vector<std::uint8_t>{1});
  EXPECT_EQ(std::distance(fs::directory_iterator(place() / "ab"), fs::directory_iterator()), 1);
}

TEST_F(FolderStoreTest, addresses_are_paths) {
  EXPECT_EQ(FolderStore(place()).address_of("ab/c"), (place() / "ab/c").string());
}

TEST_F(FolderStoreTest, a_file_is_no_store) {
  std::ofstream(place().string()) << "x";
  try {
    open_blob_store(place().string());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    EXPECT_THAT(error.what(), HasSubstr("is not a folder"));
  }
}

TEST_F(FolderStoreTest, an_address_opens_a_folder_and_says_what_it_cannot_open) {
  const auto store = open_blob_store((place() / "deep" / "examples/").string());
  EXPECT_TRUE(fs::is_directory(place() / "deep" / "examples"));
  EXPECT_TRUE(store->put_if_absent("a", std::vector<std::uint8_t>{1}));
  for (const auto& [url, words] : {std::pair("s3://B/prefix", "'B' cannot name a bucket"),
                                   std::pair("gs://bucket", "'gs' is not a kind of store"),
                                   std::pair("", "address is empty")}) {
    try {
      open_blob_store(url);
      FAIL() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User);
      EXPECT_THAT(error.what(), HasSubstr(words));
    }
  }
}

TEST_F(FolderStoreTest, a_name_below_a_blob_is_refused_and_the_blob_stays) {
  FolderStore store(place());
  store.put_if_absent("a", std::vector<std::uint8_t>{1});
  EXPECT_THROW(store.put_if_absent("a/b", std::vector<std::uint8_t>{2}), Error);
  EXPECT_EQ(store.size("a/b"), -1);
  EXPECT_EQ(store.get("a"), std::vector<std::uint8_t>{1});
}

}  // namespace
}  // namespace canopy
