// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tune/search_space.h"
#include "tune/trial.h"

// Which setting to try next, from those that were tried: a tree-structured Parzen estimator
// (Bergstra et al., "Algorithms for Hyper-Parameter Optimization", 2011), all options together
// (Falkner et al., BOHB, 2018; Watanabe, "Tree-Structured Parzen Estimator", 2023).
//
//   1. The first settings lie evenly: a Halton sequence, shifted at random.
//   2. The trials are ranked: those that ended by their value, then those that were stopped, the
//      later the better; those that failed or still run come last.
//   3. Two densities are laid over [0, 1]^d: l of the best few, g of all others. Each is the mean
//      of one kernel a trial and of a wide one, so that no place is ever ruled out.
//   4. Some settings are drawn from l; the one with the largest l / g is taken: that is the one of
//      the largest expected improvement.
//
// What is proposed is a function of (space, trials, seed, number) alone, so a search goes on after
// any interruption as it would have gone on without, and several processes can share one.

namespace canopy {

struct ParzenOptions {
  std::int64_t seed = 1;
  int first = 8;        ///< settings of step 1
  int candidates = 32;  ///< of step 4
};

/// For trial `number`. Trials that lack an option of the space, or lie outside, are passed over.
Setting propose(const SearchSpace& space,
                const std::vector<Trial>& trials,
                std::int64_t number,
                const ParzenOptions& options);

}  // namespace canopy
