// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "orchard/survey.h"

// Health of a tree compared with its own block, because cultivar, age and light make whole blocks
// differ.
//
//   index   NDRE where known, else NDVI: the mean inside the crown
//   z       (index - median of the block) / (1.4826 * MAD of the block), MAD at least 2 % of the
//   median health  logistic(1.5 + 0.75 z), in [0, 1]: 0.82 for the block's median tree, 0.5 at two
//   deviations below class   Good from 0.65, Fair from 0.35, Poor below dead    the model's class,
//   or an NDVI below half of the block's median and below 0.3
//
// Blocks of fewer than five trees with an index are compared with the whole survey.

namespace canopy {

/// Fills health, health_class and status of all trees that are not missing. Trees without an index
/// keep NaN and Unknown.
void add_health(std::vector<Tree>& trees);

}  // namespace canopy
