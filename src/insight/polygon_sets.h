// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "geo/polygon.h"

// Sets of ground, by GEOS. A list of polygons is what any of them covers. Throws Environment when
// GEOS fails. Rings that cross themselves are mended.

namespace canopy {

/// As polygons that do not overlap.
std::vector<Polygon> united(const std::vector<Polygon>& polygons);
/// What lies in both.
std::vector<Polygon> common(const std::vector<Polygon>& a, const std::vector<Polygon>& b);
/// What lies in `a` and not in `b`.
std::vector<Polygon> without(const std::vector<Polygon>& a, const std::vector<Polygon>& b);

double total_area(const std::vector<Polygon>& polygons);

}  // namespace canopy
