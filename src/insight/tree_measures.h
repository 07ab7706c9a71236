// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "geo/window.h"
#include "insight/crown_runs.h"
#include "orchard/survey.h"

// What can be measured of each tree inside its own mask, and nowhere else, so that weeds and soil
// do not count. Fed with the label map tile by tile, in any order; holds a few numbers per tree,
// the runs of its mask, and a coarse grid of the ground.
//
//   area        pixels times the ground area of a pixel at the tree's place: true square metres
//   perimeter   of the crown's outline, simplified by 0.75 px, which takes the steps out
//   NDVI        mean over the mask of (nir - red) / (nir + red); NaN where a band is missing
//   NDRE        mean over the mask of (nir - red_edge) / (nir + red_edge); likewise
//   height      highest surface in the mask above the ground
//   volume      mean height over the ground times the area
//
// The ground is the terrain model where there is one; else it is estimated from the surface model:
// a plane through the bare ground (mean surface of 2 m cells outside all crowns, the lower half of
// them) round the tree.

namespace canopy {

/// The pixels of a tile as far as measures need them; empty vectors where a band is missing.
/// Row-major.
struct MeasuredTile {
  Window window;
  std::vector<std::uint32_t> ids;
  std::vector<float> red, red_edge, nir;  ///< reflectance, or anything proportional to it
  std::vector<float> dsm_m, dtm_m;        ///< NaN where there is no value
  std::vector<std::uint8_t> valid;        ///< 1 where bands hold a value; empty: everywhere
};

class TreeMeasures {
 public:
  /// The grid of the label map. `survey_crs` (metres) is where positions and crowns of the result
  /// lie.
  TreeMeasures(std::string crs, Transform world_from_pixel, std::string survey_crs);

  /// Tiles must not overlap. Throws Bug when a plane has not the size of the window.
  void add(const MeasuredTile& tile);

  /// The trees by id, with position, lat and lng, area, perimeter, indices, height, volume, crown.
  /// Status, score, health and numbers are left to others.
  std::vector<Tree> finish() const;

 private:
  struct Sum {
    std::int64_t pixels = 0, spectral = 0, surface = 0;
    double x = 0, y = 0, ndvi = 0, ndre = 0, dsm = 0, height = 0;
    float highest_dsm = -1e30f, highest = -1e30f;
  };
  struct Ground {
    double dsm = 0;
    std::int64_t pixels = 0;
  };
  void add_ground(const MeasuredTile& tile);
  double ground_at(double column, double row, double pixel_m, double radius_m) const;

  std::string crs_, survey_crs_;
  Transform world_from_pixel_;
  std::int64_t cell_px_ = 1;
  bool has_ndvi_ = true, has_ndre_ = true, has_dtm_ = true;
  std::map<std::uint32_t, Sum> sums_;
  std::map<std::pair<std::int64_t, std::int64_t>, Ground> ground_;  ///< by cell row and column
  CrownRuns runs_;
};

/// The CRS in which a survey of a raster in `crs` lies: the same where its units are true metres,
/// else (degrees, feet, web Mercator) the UTM zone of `place`; empty stays empty.
std::string survey_crs_of(const std::string& crs,
                          const Transform& world_from_pixel,
                          const Window& whole);

}  // namespace canopy
