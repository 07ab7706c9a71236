// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "geo/raster.h"
#include "orchard/survey.h"

// From a label map and the imagery under it to what can be said of each tree: area, outline,
// position, indices inside the mask alone, height and volume. Two passes over the map in blocks:
// sums per tree, then outlines; memory is bounded by a block, the widest crown and one row per
// tree.

namespace canopy {

/// Surfaces on any grid of the same CRS; either may be missing.
struct Surfaces {
  const Raster* dsm = nullptr;  ///< of crowns and ground
  const Raster* dtm =
      nullptr;  ///< of the ground; without it the ground is taken from the DSM beside the crowns
};

/// The trees of `labels` (uint32 ids in its first band, 0 background), by id. Filled: id, position,
/// lat, lng, area_m2, perimeter_m, crown, ndvi and ndre (means over the crown's pixels of (nir -
/// red) / (nir + red) and (nir - red_edge) / (nir + red_edge); NaN without the bands), height_m
/// (highest pixel above ground), volume_m3 (crown surface above ground). Coordinates are in
/// `survey_crs(ortho)`. Throws User when the map lies elsewhere than the imagery.
std::vector<Tree> measure_trees(const Raster& labels,
                                const Raster& ortho,
                                const Surfaces& surfaces,
                                Progress& progress);

/// The CRS in metres in which a survey of `ortho` is kept: its own where that is projected, else
/// its UTM zone; empty without one (metres from the picture's corner then).
std::string survey_crs(const Raster& ortho);

}  // namespace canopy
