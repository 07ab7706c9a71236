// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

// What loader, network and optimiser did during some steps of a run, as one file for Perfetto or
// chrome://tracing: our spans of every thread (base/trace.h) and, where asked for, each operator of
// LibTorch and each kernel of a GPU, from Kineto, on the same clock.

namespace canopy {

/// Which steps, and in how much detail.
struct TraceOptions {
  std::string steps;  ///< "20..40": counted from 1, both ends in it; empty: none
  std::string level = "host";

  template <class F>
  void describe(F& field) {
    field("profile",
          steps,
          "Steps to take a trace of, such as 20..40: trace.json in the run's folder, for Perfetto "
          "or chrome://tracing.");
    field("profile-level",
          level,
          "What the trace shows: host (what each thread does), or operators (also each operator "
          "and each kernel of a GPU).");
  }
  /// Throws User, naming the value.
  void validate() const;
};

class StepTrace {
 public:
  StepTrace(const TraceOptions& options, std::filesystem::path file);
  ~StepTrace();
  StepTrace(const StepTrace&) = delete;
  StepTrace& operator=(const StepTrace&) = delete;

  /// Before the step of this number takes its batch. A run that resumes after the first of the
  /// steps takes the rest.
  void before(std::int64_t step);
  /// After it. The last of the steps writes the file, atomically.
  void after(std::int64_t step);
  /// When the run ends before that: writes what there is.
  void finish();

 private:
  struct Recorders;
  std::int64_t first_ = 0, last_ = -1;
  bool with_operators_ = false;
  std::filesystem::path file_;
  std::unique_ptr<Recorders> recorders_;
};

}  // namespace canopy
