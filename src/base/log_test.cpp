// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"

namespace canopy {
namespace {

TEST(Log, a_runs_file_holds_one_json_object_a_line_whatever_the_message) {
  const auto path = std::filesystem::temp_directory_path() / "canopy_log_test.jsonl";
  std::filesystem::remove(path);
  {
    LogFile file(path);
    log_info("a \"quoted\" line\nand another");
    log_info("broken utf-8: \xff");
  }
  std::istringstream lines(read_file(path));
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    const auto entry = nlohmann::json::parse(line);
    EXPECT_EQ(entry.at("level"), "info");
    ++count;
  }
  EXPECT_EQ(count, 2);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace canopy
