// SPDX-License-Identifier: Apache-2.0
#include "tune/trace_bench.h"

#include <chrono>
#include <optional>

#include "base/error.h"
#include "base/trace.h"
#include "tune/measuring.h"

namespace canopy {

void TraceBenchOptions::validate() const {
  require(steps >= 1, "bench-steps must be at least 1");
  require(repeats >= 1, "repeats must be at least 1");
}

TraceBench bench_trace(TrainingRig& rig, const TraceBenchOptions& options, Progress& progress) {
  options.validate();
  const auto loader = rig.open_loader();
  const auto step = [&](const Batch& batch) {
    const TraceSpan span("step");
    rig.step(batch);
  };
  const auto run = [&](int steps) {
    return run_loader(*loader, step, [&](std::int64_t n, double) { return n == steps; });
  };
  run(rig.options().loader.prefetch + 1);
  TraceBench bench;
  std::vector<double> off, on, overhead, waiting;
  progress.begin("trace", 2 * options.repeats, "runs");
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    for (const bool with_trace : {repeat % 2 == 0, repeat % 2 != 0}) {
      std::optional<Trace> trace;
      if (with_trace) trace.emplace();
      const LoaderRun taken = run(options.steps);
      (with_trace ? on : off).push_back(taken.seconds / options.steps);
      if (trace) bench.spans_a_step = std::ssize(trace->stop()) / options.steps;
      if (!trace) waiting.push_back(taken.waiting_share());
      progress.update(std::ssize(on) + std::ssize(off));
    }
    overhead.push_back(on.back() / off.back() - 1);
  }
  progress.end();
  bench.off_s = spread_of(off);
  bench.on_s = spread_of(on);
  bench.overhead = spread_of(overhead).median;
  bench.waiting_share = spread_of(waiting);
  return bench;
}

}  // namespace canopy
