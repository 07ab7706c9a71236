// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace canopy {

/// Below the tests' temporary folder, and no other test's: ctest runs each in a process of its own,
/// several side by side. Nothing is made.
inline std::filesystem::path own_path(const std::string& name) {
  std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
  std::ranges::replace(test, '/', '_');
  return std::filesystem::path(testing::TempDir()) /
         ("canopy_" + test + "_" + std::to_string(::getpid()) + "_" + name);
}

}  // namespace canopy
