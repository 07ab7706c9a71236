// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.h"
#include "tune/measuring.h"
#include "tune/training_rig.h"

// What taking a trace costs: steps of training with one and without, in turns.

namespace canopy {

struct TraceBenchOptions {
  int steps = 20, repeats = 5;
  template <class F>
  void describe(F& field) {
    field("bench-steps", steps, "Steps of each run.");
    field("repeats", repeats, "Runs with a trace, and as many without, in turns.");
  }
  /// Throws User, naming the field.
  void validate() const;
};

struct TraceBench {
  Spread off_s, on_s;    ///< of one step, with what it waited
  double overhead = 0;   ///< median over pairs of runs of on / off - 1
  Spread waiting_share;  ///< without a trace
  std::int64_t spans_a_step = 0;
};

/// The first steps, which warm up, are left out; the loader goes on from run to run, over the ends
/// of epochs too.
TraceBench bench_trace(TrainingRig& rig, const TraceBenchOptions& options, Progress& progress);

}  // namespace canopy
