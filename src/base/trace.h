// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

// What each thread did, and when: spans that Perfetto and chrome://tracing show as bars, one line a
// thread. A span is a local object:
//
//   const TraceSpan span("decode");
//
// While no trace is being taken it costs one load of a flag. While one is, each thread keeps its
// own list, so that threads do not wait for each other; the lists are put together at the end. The
// file is the Trace Event Format of Chrome (JSON, "traceEvents").

namespace canopy {

/// The bar of one span.
struct TraceEvent {
  const char* name = "";
  std::int64_t start_ns = 0, duration_ns = 0;  ///< since the epoch of Unix
  std::int64_t thread = 0;                     ///< of the operating system
};

/// From its making to `stop`, spans of all threads are kept. One at a time in a process.
class Trace {
 public:
  /// Throws Conflict when another one is being taken.
  Trace();
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  /// No further spans; those that are open now are not in it. In order of their start.
  const std::vector<TraceEvent>& stop();
  /// The document of what was kept, times in microseconds since this moment; `more` are events of
  /// other recorders in that form.
  nlohmann::ordered_json document(const std::vector<nlohmann::ordered_json>& more = {}) const;
  /// When it began, since the epoch of Unix.
  std::int64_t start_ns() const { return start_ns_; }

 private:
  std::int64_t start_ns_;
  std::vector<TraceEvent> events_;
  std::vector<std::pair<std::int64_t, std::string>> threads_;  ///< their names
  bool is_stopped_ = false;
};

class TraceSpan {
 public:
  /// `name` must outlive the trace: a literal.
  explicit TraceSpan(const char* name)
      : name_(is_on.load(std::memory_order_relaxed) ? name : nullptr) {
    if (name_) start_ = std::chrono::system_clock::now();
  }
  ~TraceSpan() {
    if (name_) end();
  }
  TraceSpan(const TraceSpan&) = delete;
  TraceSpan& operator=(const TraceSpan&) = delete;

 private:
  friend class Trace;
  static std::atomic<bool> is_on;
  void end() const;
  const char* name_;
  std::chrono::system_clock::time_point start_;
};

}  // namespace canopy
