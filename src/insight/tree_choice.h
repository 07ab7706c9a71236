// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "orchard/survey.h"

// Which trees a prescription is about, in the order of a walk along the rows: by block, row and
// tree number. A gap of the planting counts as a tree that is missing. Latitudes and longitudes
// are worked out from the positions.

namespace canopy {

struct TreeChoice {
  std::vector<std::string> status = {"dead", "missing"};
  double health_below = 0;
  std::vector<std::string> blocks = {};
  template <class F>
  void describe(F& field) {
    field("status", status, "Trees of these kinds: dead, missing, alive.");
    field("health-below", health_below, "And living trees whose health (0 to 1) is less.");
    field("blocks", blocks, "Only of these blocks, by number; all when left out.");
  }
  /// Throws User for an unknown status or a health outside 0 to 1.
  void validate() const;
};

/// The survey's blocks that `blocks` names, all when it is empty. Throws User, listing them, for
/// one that is not in the survey.
std::vector<Block> choose_blocks(const Survey& survey, const std::vector<std::string>& blocks);

/// Throws User when health is asked for and no tree of the survey has one.
std::vector<Tree> choose_trees(const Survey& survey, const TreeChoice& choice);

}  // namespace canopy
