// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "geo/polygon.h"

// The open travelling salesman: a walk past all points, straight from each to the next.
//
//   1. begin with the nearest neighbour's walk and with the points as given;
//   2. improve each by 2-opt (turn a stretch round) and Or-opt (move up to three stops elsewhere)
//      towards each point's ten nearest neighbours until nothing helps (Bentley 1992);
//   3. take the shorter; kick it by a double bridge (Martin, Otto and Felten 1991), improve again,
//      keep what is shorter. The number of kicks falls with the number of points, so that ten
//      thousand take seconds; the same points always give the same walk.
//
// Never longer than the points in the order given.

namespace canopy {

struct Walk {
  std::vector<int> order;  ///< of the points
  double length_m = 0;     ///< with the ways from `start` and to `end`
};

Walk shortest_walk(const std::vector<Point>& points,
                   const std::optional<Point>& start = {},
                   const std::optional<Point>& end = {});

}  // namespace canopy
