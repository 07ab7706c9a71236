// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orchard/ground.h"
#include "orchard/light.h"
#include "orchard/outline.h"
#include "orchard/sensor.h"
#include "orchard/spectra.h"
#include "orchard/synthetic_orchard.h"

// A plan is all that one seed decides about an orchard before a tree stands in it: twelve presets
// (docs/formats.md, "Synthetic orchard") say within which bounds each number is drawn. Spacings
// vary by 15 %, rows lie at any angle, and crop, crowns, health, soil, grass, sun and camera are
// drawn anew at every seed.

namespace canopy {

/// How the foliage of a crop looks from above.
struct Foliage {
  Spectrum tint{1, 1, 1, 1, 1};  ///< times the spectrum of a leaf
  double clump_m = 0.8;          ///< size of the boughs that bulge from a crown
  double relief = 0.25;          ///< how far they bulge, as a share of their size
  double openness = 0.1;         ///< share of holes through which the ground shows at the rim
  double base_share = 0.2;       ///< height of the lowest foliage over that of the top
};

/// A block to be planted.
struct BlockPlan {
  std::string pattern = "rectangular";  ///< as Block::pattern
  ConvexOutline outline;                ///< metres from the orchard's south-west corner
  double row_angle_deg = 0, row_spacing_m = 5, tree_spacing_m = 5;
  double jitter = 0.05;  ///< greatest displacement over spacing; half of it drifts along the row
  bool is_staggered = false;  ///< every other row shifted by half a spacing
  double bend_m = 0, bend_length_m = 100, bend_phase = 0;  ///< rows follow a sine
  double row_phase = 0, tree_phase = 0;                    ///< of the lattice, 0 to 1

  double missing = 0.03, dead = 0, sick = 0;   ///< shares of the places, of the trees
  int gap_length_min = 1, gap_length_max = 1;  ///< missing places in a run

  double radius_m = 1.8, radius_spread = 0.12;  ///< mean; standard deviation over mean
  double stretch = 1;                           ///< radius along the row over radius across
  double touching = 0;  ///< scale crowns so that this share touches a neighbour; 0: leave them
  int giants = 0;       ///< very old trees, up to 654 m2 of crown
  double height_m = 3.5;
  Foliage foliage;
};

struct OrchardPlan {
  std::uint64_t seed = 0;
  double width_m = 0, height_m = 0, gsd_m = 0;
  std::vector<BlockPlan> blocks;
  double stray = 0;  ///< trees beside the pattern, as a share of the places
  GroundPlan ground;
  Light light;
  SensorPlan sensor;
};

/// Throws User for an unknown preset.
OrchardPlan plan_orchard(const SyntheticOptions& options);

}  // namespace canopy
