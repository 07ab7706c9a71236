// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "insight/row_grid.h"

// The places of a block's pattern that no tree holds. Precision first: a false missing tree sends a
// person into the field. So a place counts only where trees enclose it:
//
//  * inside a row: trees on both sides of it in the row, and beside it in a neighbouring row; and
//    as much ground between them as their numbers say;
//  * at the end of a row: it lies on the inner side of a line between the ends of the rows on both
//    sides, so that edges at an angle to the rows stay as they are, and nothing is filled up to a
//    headland; an end that sticks out alone does not count;
//  * an empty run is a run of missing trees only as long as the block's own vacancy makes it
//    likely; beyond that it is a track, a pond or the edge, along the row as across it.
//
// A corner of the block is never reported: nothing tells a missing corner tree from a rounded
// corner.

namespace canopy {

struct MissingPlace {
  int i = 0, j = 0;
  Point position;
  double confidence =
      0;  ///< odds of a gap, given the block's vacancy, against a place where nobody planted
};

/// `points` are all detections, those without a place in the pattern too: a place that any of them
/// occupies is not missing.
std::vector<MissingPlace> find_missing_trees(const RowGrid& grid, const PointIndex& points);

/// Takes away places under a giant: a tree with a crown of more than three times the block's median
/// has taken the ground of its neighbours. `positions` and `areas_m2` are of all detections.
void remove_shaded(const RowGrid& grid,
                   const std::vector<Point>& positions,
                   const std::vector<double>& areas_m2,
                   std::vector<MissingPlace>& missing);

}  // namespace canopy
