// SPDX-License-Identifier: Apache-2.0
#include "base/workspace.h"

#include <unistd.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/options.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

class WorkspaceTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("canopy_workspace_" + std::to_string(::getpid()));
    fs::create_directories(root_);
    before_ = fs::current_path();
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(root_);
  }
  fs::path root_, before_;
};

TEST_F(WorkspaceTest, is_found_from_any_folder_below_it) {
  Workspace::create(root_);
  fs::create_directories(root_ / "a/b");
  fs::current_path(root_ / "a/b");
  EXPECT_EQ(Workspace::open().root(), fs::canonical(root_));
}

TEST_F(WorkspaceTest, is_never_made_twice) {
  Workspace::create(root_);
  EXPECT_THROW(Workspace::create(root_), Error);
}

TEST_F(WorkspaceTest, a_folder_that_is_none_says_how_to_make_one) {
  try {
    Workspace::open(root_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::NotFound);
    EXPECT_THAT(error.what(), testing::HasSubstr("canopy init"));
  }
}

TEST_F(WorkspaceTest, settings_are_read_and_relative_paths_start_at_the_root) {
  std::ofstream(root_ / "canopy.toml") << "[store]\nurl = 'tiles/'\n[cost]\nusd_per_hour = 3.06\n";
  const Workspace workspace = Workspace::open(root_);
  EXPECT_EQ(workspace.resolve(workspace.config().store_url), fs::canonical(root_) / "tiles/");
  EXPECT_EQ(workspace.config().usd_per_hour, 3.06);
  EXPECT_EQ(workspace.config().registry_url, "registry.sqlite");
}

TEST_F(WorkspaceTest, addresses_of_other_kinds_are_no_paths) {
  const Workspace workspace = Workspace::create(root_);
  EXPECT_EQ(workspace.address_of("s3://bucket/a"), "s3://bucket/a");
  EXPECT_EQ(workspace.address_of("tiles/"), (fs::canonical(root_) / "tiles/").string());
  EXPECT_EQ(workspace.address_of("/data/tiles"), "/data/tiles");
}

}  // namespace
}  // namespace canopy
