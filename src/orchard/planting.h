// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "orchard/preset.h"
#include "orchard/synthetic_orchard.h"

namespace canopy {

/// What stands, and what should stand, once a plan is planted.
struct Planting {
  std::vector<SyntheticTree>
      trees;  ///< by id, 1 and up: block after block, row after row; strays last
  std::vector<Gap> gaps;
  std::vector<Block> blocks;
};

/// Puts the trees of a plan in the ground, in these steps:
///  1. The lattice of each block: rows (straight or bent) at their spacing, places along them at
///  theirs, all that lie
///     inside the outline; each place moved by its jitter, half of which drifts smoothly along the
///     row.
///  2. Runs of missing places, never at the end of a row, where nobody could tell that a tree is
///  missing.
///  3. Health: a smooth field, sick patches, dead trees. Sick trees are smaller.
///  4. Crowns: drawn around the block's radius, then scaled together until the wanted share
///  touches.
///  5. Giants: they take the ground of their neighbours. A place under a giant's crown counts
///  neither as tree nor gap.
///  6. Strays, away from all places of the pattern, block and numbers 0.
Planting plant_trees(const OrchardPlan& plan);

/// Share of `trees` whose outline reaches that of a neighbour, with all radii times `scale`.
double touching_share(const std::vector<SyntheticTree>& trees, double scale = 1);

}  // namespace canopy
