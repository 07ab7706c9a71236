// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "geo/polygon.h"
#include "geo/window.h"

namespace canopy {

/// Burns polygons (in pixel coordinates of the window's grid, y down) into an id map of width x height: a pixel whose
/// centre lies inside polygon k gets k + 1. Where crowns overlap the smaller one wins, so that none is swallowed.
std::vector<std::uint32_t> rasterize(const std::vector<Polygon>& polygons_px, int width, int height);

/// The outline of each id in a label map (0 is background): `outline[id]` in pixel coordinates, y down, 4-connected, holes
/// kept. When an id has several parts, the largest is returned. `simplify_px` > 0 simplifies by that tolerance.
struct IdOutline {
  std::uint32_t id = 0;
  Polygon polygon;
};
std::vector<IdOutline> outlines(const std::vector<std::uint32_t>& id_map, int width, int height, double simplify_px = 0);

}  // namespace canopy
