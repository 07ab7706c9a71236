// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// The measured figures of one command, as every report holds them (docs/formats.md, "Report of
// figures"): {"date", "commit", "machine", "figures": [{"name", "value", "unit", "low", "high",
// "against", "against_value", "ratio", "reason", "command"}]}

namespace canopy {

struct ReportFigure {
  std::string name;             ///< dotted nouns: "orchard.tree_recall"
  std::optional<double> value;  ///< nothing: not measured, and `reason` says why
  std::string unit;             ///< "share", "s", "px", ...
  std::string against;          ///< what it is held against: "NDVI threshold and components"
  std::optional<double> against_value;
  std::optional<double> low, high;  ///< bootstrap interval
  std::string command, reason;
};

/// The name of this machine's processor.
std::string processor();
/// HEAD of the current folder's repository; empty where there is none.
std::string current_commit();

/// Writes them with date, commit and machine, atomically.
void write_figures(const std::filesystem::path& path, const std::vector<ReportFigure>& figures);

}  // namespace canopy
