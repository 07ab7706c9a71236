// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace canopy {

/// metrics.csv: one line a step, its columns fixed by the first line, cells without a value empty.
/// It only grows; when a run goes on, the lines beyond the checkpoint's step are dropped first.
class MetricsCsv {
 public:
  /// Opens `path`, or makes it. Lines with a step above `last_step` are dropped. Throws User when
  /// an existing file has other columns, Environment when it cannot be written.
  MetricsCsv(std::filesystem::path path, std::vector<std::string> columns, std::int64_t last_step);
  ~MetricsCsv();
  MetricsCsv(const MetricsCsv&) = delete;
  MetricsCsv& operator=(const MetricsCsv&) = delete;

  /// Throws Bug for a value of no column.
  void add(std::int64_t step, const std::map<std::string, double>& values);

 private:
  std::filesystem::path path_;
  std::vector<std::string> columns_;
  std::FILE* file_ = nullptr;
};

}  // namespace canopy
