// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "orchard/light.h"
#include "orchard/noise.h"
#include "orchard/outline.h"
#include "orchard/spectra.h"

// The land under an orchard: a slope with hills, soil with patches, clods and damp strips, grass in
// the alleys, mown or wild, wheel tracks between the rows and a track around each block.

namespace canopy {

struct BlockPlan;

struct GroundPlan {
  std::uint64_t seed = 0;
  double elevation_m = 200, slope_x = 0, slope_y = 0, hill_m = 1;
  Spectrum soil{}, grass{}, weed{};
  double alley_grass = 0.5;     ///< cover between the rows, 0 to 1
  double strip_grass = 0.1;     ///< cover under the trees
  double headland_grass = 0.5;  ///< cover outside the blocks
  double strip_m = 0.8;         ///< half width of the strip along the trees
  double track_gauge_m = 1.7;   ///< between the wheels
  double track_wear = 0.5;      ///< 0 none to 1 bare
  double damp = 0.2;            ///< how much darker the strip's soil is where it is watered
  double clods = 1;             ///< strength of the fine texture
  double gsd_m = 0.1;           ///< finer texture than a pixel is left out
};

class Ground {
 public:
  Ground() = default;
  Ground(const GroundPlan& plan, const std::vector<BlockPlan>& blocks);

  /// Height above sea level.
  float elevation_m(double x, double y) const;
  /// What grows or lies there, and the slope of its texture for the light.
  struct Look {
    Spectrum reflectance;
    float dx = 0, dy = 0;
  };
  Look look(double x, double y) const;

 private:
  /// Rows as the ground sees them: where a point lies between two of them.
  struct Rows {
    ConvexOutline outline;
    double along_x, along_y, across_x, across_y, spacing_m, phase;
    double bend_m, bend_per_m, bend_phase;
    bool has_alley;
    double from_row_m(double x, double y) const;
  };
  struct Cover {
    float grass, wear, damp;
  };
  Cover cover(double x, double y) const;
  float wheel(double off_m) const;

  GroundPlan plan_;
  std::vector<Rows> rows_;
  Noise hills_, swells_, patch_, stain_, tuft_, blade_, clod_, grain_, rut_;
  float fine_ = 1, finest_ = 1;  ///< share of the texture that pixels can show
};

}  // namespace canopy
