// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "geo/raster.h"

// What anyone would try first, to hold the model against: a vegetation index, Otsu's threshold,
// connected components.

namespace canopy {

/// A tree id per pixel of the whole raster (0: none): NDVI where the raster has red and nir, else
/// the excess green index (2g - r - b) / (r + g + b); above Otsu's threshold (IEEE SMC 1979);
/// 8-connected parts of at least `min_area_m2`.
std::vector<std::uint32_t> naive_crowns(const Raster& raster, double min_area_m2);

/// Around each id: x0, y0, x1, y1 in pixels, by id from 1.
struct IdBox {
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};
std::vector<IdBox> boxes_of_ids(const std::vector<std::uint32_t>& ids, int width, int height);

}  // namespace canopy
