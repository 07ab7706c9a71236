// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "nn/probe.h"

// The network knows crowns of a certain size in pixels, so imagery is worked on at the ground
// resolution at which its crowns have that size. A cheap coarse pass finds it: a few probes spread
// over the mosaic are looked at through a ladder of resolutions, and the one whose crowns explain
// most of the picture, weighted by how well their size fits, begins; from there gsd = sqrt(median
// crown area / crown_px) is repeated until it stands.

namespace canopy {

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

}  // namespace canopy
