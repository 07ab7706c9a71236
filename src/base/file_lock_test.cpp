// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <signal.h>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/process_for_test.h"

namespace canopy {
namespace {

class FileLockTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("file_lock_" + std::to_string(::getpid()));
};

TEST_F(FileLockTest, one_holds_it_until_it_goes) {
  auto first = FileLock::take(folder_ / "locks/one.lock");
  ASSERT_TRUE(first);
  EXPECT_FALSE(FileLock::take(folder_ / "locks/one.lock"));
  EXPECT_TRUE(FileLock::take(folder_ / "locks/two.lock"));
  FileLock moved = *std::move(first);
  first.reset();
  EXPECT_FALSE(FileLock::take(folder_ / "locks/one.lock"));
  moved = *FileLock::take(folder_ / "locks/three.lock");
  EXPECT_TRUE(FileLock::take(folder_ / "locks/one.lock"));
}

TEST_F(FileLockTest, is_free_again_when_its_process_was_killed) {
  const pid_t child = child_that([&] {
    const auto lock = FileLock::take(folder_ / "one.lock");
    ::kill(::getpid(), SIGKILL);
  });
  EXPECT_EQ(WTERMSIG(status_of(child)), SIGKILL);
  EXPECT_TRUE(FileLock::take(folder_ / "one.lock"));
}

TEST_F(FileLockTest, a_place_that_cannot_be_written_is_named) {
  EXPECT_THROW(FileLock::take("/proc/no/such.lock"), Error);
}

}  // namespace
}  // namespace canopy
