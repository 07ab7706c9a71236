// SPDX-License-Identifier: Apache-2.0
#include "tune/trace_bench.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "train/tiny_run.h"

namespace canopy {
namespace {

TEST(TraceBench, compares_steps_with_and_without_a_trace) {
  const TinyData tiny("trace_bench", LabelKind::Mask);
  const TrainingData data = tiny.data();
  TrainingRig rig(data, tiny_options());
  const TraceBench bench = bench_trace(rig, {.steps = 3, .repeats = 2}, no_progress());
  EXPECT_GT(bench.off_s.median, 0);
  EXPECT_NEAR(bench.overhead, bench.on_s.median / bench.off_s.median - 1, 0.5);
  EXPECT_GE(bench.spans_a_step, 4) << "step, forward, backward, optimiser at least";
  EXPECT_THROW(TraceBenchOptions{.steps = 0}.validate(), Error);
  EXPECT_THROW(TraceBenchOptions{.repeats = 0}.validate(), Error);
}

}  // namespace
}  // namespace canopy
