// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "orchard/survey.h"

// How each tree does compared with the trees of its own block, on a plain scale that does not move
// when a few trees are very sick, and that a farmer can read without knowing an index.
//
//   z       (x - median) / s over the living trees of the block; x is NDRE, else NDVI
//   s       1.4826 * MAD (median absolute deviation), at least 0.015: in a block that is all alike,
//           noise is no sickness
//   health  1 / (1 + exp(-(z + 4))): 0.98 for a median tree, 0.5 at four deviations below it
//   class   Poor: z < -4; Fair: z < -2.5; else Good
//   dead    when the model said so, or when NDVI is less than 0.45 of the block's median and more
//           than six deviations below it: bare wood
//
// Trees without a block (0) are compared among themselves. With fewer than eight living trees, or
// without any index, health is NaN and the class Unknown. Dead trees: health 0, class Poor.

namespace canopy {

/// Sets status (Alive to Dead by spectrum), health and health_class of all trees.
void judge_health(std::vector<Tree>& trees);

}  // namespace canopy
