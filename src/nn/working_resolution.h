// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "nn/model_file.h"
#include "nn/probe.h"

// The network knows crowns of a certain size in pixels, so imagery is worked on at the ground
// resolution at which its crowns have that size. A cheap coarse pass finds it: a few probes spread
// over the mosaic are looked at through a ladder of resolutions, and the one whose crowns explain
// most of the picture, weighted by how well their size fits, begins; from there gsd = sqrt(median
// crown area / crown_px) is repeated until it stands.

namespace canopy {

/// Fewer say little about the size of the others: a resolution that shows fewer begins only where
/// none shows more. (One thing as wide as several rows may cover more than all its trees.)
inline constexpr std::size_t kCrownsThatTellSize = 5;

struct WorkingResolution {
  double gsd_m = 0;
  double median_crown_px = 0;  ///< at that resolution; 0: no crown was found
  std::string reason;          ///< for people: "a median crown is 1,900 px"
};

/// `ladder`: resolutions to begin with, ascending; `finest`: no finer than this (half the mosaic's
/// own).
WorkingResolution choose_working_resolution(const Probe& probe,
                                            const std::vector<double>& ladder,
                                            double crown_px,
                                            double finest_gsd_m);

/// Where the trees of such imagery were points in training, the network knows where trees are there
/// and not how large, so the crowns that it finds tell no scale: then the ground resolution at
/// which it was shown that imagery. Nothing for other imagery, or where `tile_gsd_m` is not known
/// (0).
std::optional<double> resolution_of_points(const ModelInfo& info, double tile_gsd_m);

}  // namespace canopy
