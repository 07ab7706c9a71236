// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "geo/polygon.h"

namespace canopy {

/// The ground that trees at `places` take up: everything within `reach_m` of a tree, bays and holes
/// narrower than that closed, drawn back to `margin_m` outside the outermost trees. The edge
/// follows the trees: it is no convex hull. With several parts the largest is returned; empty when
/// there are no places. Throws Environment when GEOS fails.
Polygon block_outline(const std::vector<Point>& places, double reach_m, double margin_m);

}  // namespace canopy
