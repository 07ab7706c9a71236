// SPDX-License-Identifier: Apache-2.0
#include "figures.h"

#include <cstdio>
#include <fstream>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/threads.h"
#include "base/utc.h"

namespace canopy {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

std::string current_commit() {
  std::string text;
  if (FILE* pipe = ::popen("git rev-parse HEAD 2>/dev/null", "r")) {
    char line[64];
    if (std::fgets(line, sizeof line, pipe)) text = line;
    ::pclose(pipe);
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void write_figures(const std::filesystem::path& path, const std::vector<ReportFigure>& figures) {
  nlohmann::ordered_json report = {
      {"date", utc_now()},
      {"commit", current_commit()},
      {"machine", processor() + ", " + std::to_string(available_cores()) + " cores"},
      {"figures", nlohmann::ordered_json::array()}};
  for (const ReportFigure& figure : figures) {
    nlohmann::ordered_json entry = {
        {"name", figure.name}, {"value", nullptr}, {"unit", figure.unit}};
    if (figure.value) entry["value"] = *figure.value;
    if (figure.low) entry["low"] = *figure.low;
    if (figure.high) entry["high"] = *figure.high;
    if (!figure.against.empty()) {
      entry["against"] = figure.against;
      if (figure.against_value) entry["against_value"] = *figure.against_value;
      if (figure.value && figure.against_value && *figure.against_value != 0)
        entry["ratio"] = *figure.value / *figure.against_value;
    }
    if (!figure.reason.empty()) entry["reason"] = figure.reason;
    entry["command"] = figure.command;
    report["figures"].push_back(entry);
  }
  write_file(path, report.dump(2) + "\n");
}

}  // namespace canopy
