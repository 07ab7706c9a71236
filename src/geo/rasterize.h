// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "geo/polygon.h"
#include "geo/window.h"

namespace canopy {

/// Burns polygons (in pixel coordinates of the window's grid, y down) into an id map of width x
/// height: a pixel whose centre lies inside polygon k gets k + 1. Where crowns overlap the smaller
/// one wins, so that none is swallowed.
std::vector<std::uint32_t> rasterize(const std::vector<Polygon>& polygons_px,
                                     int width,
                                     int height);

/// The outline of each id in a label map (0 is background), by id, in pixel coordinates, y down,
/// along pixel edges: burnt again it gives the same pixels. Parts are 4-connected; when an id has
/// several, the one with most pixels is returned. Holes are kept. The outer ring has a positive
/// `signed_area` of its pixel coordinates, holes a negative one; rings may touch in points, none
/// crosses or touches itself.
///
/// `simplify_px` > 0 runs lines through the middles of pixel edges (see outline_arcs.h) and drops
/// points as long as they stay within that tolerance; 0.5 is good. Neighbours keep their common
/// line: no overlap, no gap.
struct IdOutline {
  std::uint32_t id = 0;
  Polygon polygon;
};
std::vector<IdOutline> outlines(const std::vector<std::uint32_t>& id_map,
                                int width,
                                int height,
                                double simplify_px = 0);

}  // namespace canopy
