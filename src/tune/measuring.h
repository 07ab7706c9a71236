// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "data/loader.h"

// What every measurement of this module is made of: clocks, the spread of repeats, and a loader in
// front of somebody who takes its batches.

namespace canopy {

/// Of the whole process so far, user and system.
double process_cpu_s();

/// Repeats of one figure.
struct Spread {
  double median = 0, low = 0, high = 0;
};
/// Of at least one value; the median of an even number lies between the middle two.
Spread spread_of(std::vector<double> values);

/// A consumer that takes `batch` samples at `per_s` samples a second, computing nothing: it stands
/// for an accelerator. 0: it takes them at once.
std::function<void(const Batch&)> simulated_consumer(double per_s, int batch);

/// A loader and its consumer, for a while.
struct LoaderRun {
  std::int64_t samples = 0, bytes = 0;
  double seconds = 0, cpu_s = 0;  ///< cpu_s: of the whole process
  double waiting_s = 0;           ///< that the consumer waited for batches
  double per_s() const { return static_cast<double>(samples) / seconds; }
  double per_core_s() const { return static_cast<double>(samples) / cpu_s; }
  double waiting_share() const { return waiting_s / seconds; }
};

/// Takes batches until `is_enough(batches, seconds)`, which is asked before each.
LoaderRun run_loader(Loader& loader,
                     const std::function<void(const Batch&)>& consume,
                     const std::function<bool(std::int64_t, double)>& is_enough);

}  // namespace canopy
