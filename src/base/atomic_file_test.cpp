// SPDX-License-Identifier: Apache-2.0
#include "base/atomic_file.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("canopy_atomic_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  int files() const {
    return static_cast<int>(std::distance(fs::recursive_directory_iterator(folder_), {}));
  }
  fs::path folder_;
};

TEST_F(AtomicFileTest, a_file_has_its_name_only_after_commit) {
  AtomicFile file(folder_ / "a.txt");
  file.write("hello");
  EXPECT_FALSE(fs::exists(folder_ / "a.txt"));
  EXPECT_TRUE(file.commit());
  EXPECT_EQ(read_file(folder_ / "a.txt"), "hello");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, a_file_that_is_not_committed_leaves_nothing) {
  {
    AtomicFile file(folder_ / "a.txt");
    file.write("half");
  }
  EXPECT_EQ(files(), 0);
}

TEST_F(AtomicFileTest, keep_leaves_the_first_writers_bytes) {
  EXPECT_TRUE(write_file(folder_ / "a", "first", AtomicFile::Existing::Keep));
  EXPECT_FALSE(write_file(folder_ / "a", "second", AtomicFile::Existing::Keep));
  EXPECT_EQ(read_file(folder_ / "a"), "first");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, the_temporary_keeps_the_extension_that_drivers_look_at) {
  AtomicFile file(folder_ / "trees.gpkg");
  EXPECT_EQ(file.path().extension(), ".gpkg");
  EXPECT_TRUE(is_temporary(file.path()));
  EXPECT_FALSE(is_temporary(folder_ / "trees.gpkg"));
}

TEST_F(AtomicFileTest, only_temporaries_of_dead_processes_are_swept) {
  const std::string mine = "a.tmp." + std::to_string(::getpid()) + ".0.txt";
  std::ofstream(folder_ / mine) << "alive";
  std::ofstream(folder_ / "b.tmp.4194399.7") << "beyond the largest pid";
  std::ofstream(folder_ / "kept.txt") << "final";
  EXPECT_EQ(remove_stale_temporaries(folder_), 1);
  EXPECT_TRUE(fs::exists(folder_ / mine));
  EXPECT_TRUE(fs::exists(folder_ / "kept.txt"));
}

TEST_F(AtomicFileTest, a_target_that_cannot_be_written_says_so) {
  std::ofstream(folder_ / "file") << "not a folder";
  try {
    write_file(folder_ / "file" / "a.txt", "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::Environment);
    EXPECT_THAT(error.what(), testing::HasSubstr("file"));
  }
}

}  // namespace
}  // namespace canopy
