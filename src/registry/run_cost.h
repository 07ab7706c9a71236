// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "registry/registry.h"

// What a model cost, and what an example of it cost. Two prices of an example are told apart, as
// they answer two questions: per example seen, what a step costs on this machine; per example of
// the dataset, what it costs to learn from all that was chosen. A run that converges before it has
// seen the whole dataset makes the second one smaller than the first.

namespace canopy {

struct CostSheet {
  std::string run_id;
  double wall_s = 0, cpu_s = 0;
  std::int64_t examples_seen = 0;     ///< by all starts of the run
  std::int64_t dataset_examples = 0;  ///< in the training split
  double usd_per_hour = 0;            ///< 0: no price is known
  double usd = 0;

  double usd_per_example_seen() const;
  double usd_per_dataset_example() const;
  /// Of the training split that were seen, an example counted as often as it was: 0.35 is 35 %.
  double share_seen() const;
};

/// `usd_per_hour` prices the run's wall time; below 0: what the run itself has recorded. Throws
/// NotFound when the run's dataset is not known.
CostSheet cost_sheet(const Registry& registry, const RunRecord& run, double usd_per_hour = -1);

/// How many times cheaper `now` is than `before`, split into its factors; 0 where a price is not
/// known.
///
///   per dataset example = per example seen * (share seen before / share seen now)
///   per example seen    = speed (examples an hour) * price of the hour
struct CostComparison {
  double total = 0, per_dataset_example = 0, per_example_seen = 0, by_share_seen = 0, by_speed = 0,
         by_price = 0;
};
CostComparison compare(const CostSheet& before, const CostSheet& now);

}  // namespace canopy
