// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tune/trial.h"

// Which trials are not worth their end. Both rules look at what other trials were worth after the
// same number of steps, whatever became of them; nobody is stopped for being as good as another.
//
//   median   worse, at its best so far, than the median of the others at this step, once `least`
//            of them came that far (the rule of Golovin et al., "Google Vizier", 2017)
//   halving  at 1, r, r^2, ... times the first step: not among the best of every r that came that
//            far, once there are r (asynchronous successive halving, Li et al., "A System for
//            Massively Parallel Hyperparameter Tuning", 2020)

namespace canopy {

struct PruningOptions {
  std::string rule = "median";
  int least = 4;      ///< of median
  int reduction = 2;  ///< r of halving

  /// Throws User, naming the field.
  void validate() const;
};

/// Whether trial `number`, which has just reported at `step`, should be stopped. `first_step`: of
/// the first report of every trial.
bool should_stop(const std::vector<Trial>& trials,
                 std::int64_t number,
                 std::int64_t step,
                 std::int64_t first_step,
                 const PruningOptions& options);

}  // namespace canopy
