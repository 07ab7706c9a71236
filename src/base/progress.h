// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

// What work of more than two seconds shows while it runs. Libraries take a `Progress&` and tell it
// what is done; the program decides whether that becomes a bar, lines, JSON or nothing. Always
// stderr; stdout is for results.

namespace canopy {

class Progress {
 public:
  virtual ~Progress() = default;
  /// A new stage: "ingest" of `total` "tiles". A total of 0 is unknown.
  virtual void begin(const std::string& stage, std::int64_t total, const std::string& unit) = 0;
  /// `done` so far, and anything worth seeing: "loss 0.41  22.4/s". Cheap to call often, from one
  /// thread at a time.
  virtual void update(std::int64_t done, const std::string& note = "") = 0;
  /// The stage is over; `note` stands on its last line.
  virtual void end(const std::string& note = "") = 0;
};

/// Shows nothing: tests and embedding.
Progress& no_progress();

enum class ProgressStyle {
  Auto,   ///< a bar on a terminal, lines elsewhere
  Bar,    ///< one line that is drawn anew
  Lines,  ///< a line at every tenth, and every 10 s
  Json,   ///< one object a line: {"stage", "done", "total", "unit", "seconds", "note"}
  None,
};

/// Throws User, naming the styles, when `name` is none of auto, bar, lines, json, none.
ProgressStyle progress_style(const std::string& name);
std::unique_ptr<Progress> make_progress(ProgressStyle style);

/// "0:01:12" (h:mm:ss).
std::string format_duration(double seconds);
/// "28,114": thousands separated.
std::string format_count(std::int64_t n);

}  // namespace canopy
