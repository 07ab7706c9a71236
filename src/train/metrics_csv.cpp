// SPDX-License-Identifier: Apache-2.0
#include "train/metrics_csv.h"

#include <charconv>
#include <sstream>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

std::string first_line(const std::vector<std::string>& columns) {
  std::string line = "step";
  for (const std::string& column : columns) line += "," + column;
  return line;
}

/// The lines that stay: the first, and whole ones up to `last_step`.
std::string kept_lines(const std::string& text, std::int64_t last_step) {
  std::string kept;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    std::int64_t step = 0;
    const char* line = text.data() + begin;
    const bool is_first = begin == 0;
    const bool is_number = std::from_chars(line, text.data() + end, step).ec == std::errc();
    if (is_first || (is_number && step <= last_step)) kept.append(line, end + 1 - begin);
  }
  return kept;
}

}  // namespace

MetricsCsv::MetricsCsv(std::filesystem::path path,
                       std::vector<std::string> columns,
                       std::int64_t last_step)
    : path_(std::move(path)), columns_(std::move(columns)) {
  const std::string header = first_line(columns_);
  std::string text = header + "\n";
  if (std::filesystem::exists(path_)) {
    text = kept_lines(read_file(path_), last_step);
    if (text.empty()) text = header + "\n";
    require(text.substr(0, text.find('\n')) == header, [&] {
      return path_.string() + ": its columns are not those of this run; move the file away";
    });
  }
  write_file(path_, text);
  file_ = std::fopen(path_.c_str(), "ab");
  if (file_ == nullptr) throw_errno(path_.string());
}

MetricsCsv::~MetricsCsv() {
  if (file_ != nullptr) std::fclose(file_);
}

void MetricsCsv::add(std::int64_t step, const std::map<std::string, double>& values) {
  std::string line = std::to_string(step);
  std::size_t used = 0;
  for (const std::string& column : columns_) {
    line += ',';
    const auto found = values.find(column);
    if (found == values.end()) continue;
    char number[32];
    std::snprintf(number, sizeof number, "%.6g", found->second);
    line += number;
    ++used;
  }
  check(used == values.size(), "a column for each value");
  line += '\n';
  if (std::fwrite(line.data(), 1, line.size(), file_) != line.size() || std::fflush(file_) != 0)
    throw_errno(path_.string());
}

}  // namespace canopy
