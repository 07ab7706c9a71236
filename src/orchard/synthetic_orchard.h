// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "geo/window.h"
#include "orchard/survey.h"

// A synthetic orchard with its exact truth. It is the demo's second input and the tests' world, so
// it must look plausible: soil with texture and tracks, green alleys, crowns with lobes, lit and
// shaded sides, cast shadows, sensor noise, and reflectances of real leaves and soil in five bands.
// Everything is a pure function of (preset, seed, place), so any window of any size renders the
// same whoever asks, in memory of that window alone.
//
// The parts, each a noun with its own header: `preset` draws a plan from the seed, `planting` puts
// trees into it, `crown`, `ground`, `light`, `spectra` and `sensor` are what a pixel sees, `scene`
// renders, `orchard_truth` measures.

namespace canopy {

struct SyntheticOptions {
  std::string preset = "square";
  std::int64_t seed = 1;
  double width_m = 120, height_m = 120;
  double gsd_m = 0.1;
  template <class F>
  void describe(F& field) {
    field("preset",
          preset,
          "Planting and conditions: square, offset, contour, two_blocks, sparse, citrus, walnuts, "
          "vines, apples, nets, weeds, sick.");
    field("seed", seed, "Every parameter is drawn from it.");
    field("width-m", width_m, "Extent to the east, in metres.");
    field("height-m", height_m, "Extent to the north, in metres.");
    field("gsd", gsd_m, "Metres per pixel.");
  }
  void validate() const;
};

const std::vector<std::string>& synthetic_presets();

/// One standing tree as it was planted and grew.
struct SyntheticTree {
  std::int64_t id = 0;
  Point position;                                 ///< metres from the orchard's south-west corner
  double radius_m = 1, height_m = 3, health = 1;  ///< health 0 to 1
  TreeStatus status = TreeStatus::Alive;
  int block = 0, row_index = 0, tree_index = 0;
  bool is_stray = false;  ///< beside the planting pattern
  std::uint64_t shape_seed = 0;
  double stretch =
      1;  ///< radius along the row over radius across it; their product is radius_m squared
  double axis_rad = 0;  ///< direction of the row here, counter-clockwise from east
};

/// A rendered window. Pixel (0, 0) of the orchard is its north-west corner.
struct SyntheticTile {
  int width = 0, height = 0;
  std::vector<std::uint16_t>
      planes;  ///< 5 * height * width: blue green red red_edge nir, reflectance * 10,000
  std::vector<float> dsm_m;           ///< surface height above sea level
  std::vector<float> dtm_m;           ///< ground height
  std::vector<std::uint32_t> id_map;  ///< the visible crown's tree id, 0 ground: one tree per pixel
};

class OrchardScene;

/// Cheap to copy; all calls are const and safe from several threads.
class SyntheticOrchard {
 public:
  explicit SyntheticOrchard(SyntheticOptions options);

  const SyntheticOptions& options() const { return options_; }
  int width_px() const;
  int height_px() const;
  const std::vector<SyntheticTree>& trees() const;  ///< by id, 1 and up
  const std::vector<Gap>& gaps()
      const;  ///< where a planted tree is missing: its own (jittered) place, inside its row
  const std::vector<Block>& blocks() const;  ///< in metres from the south-west corner

  /// `window` may reach beyond the orchard: the land goes on there. Throws User when it is empty.
  SyntheticTile render(const Window& window) const;

  /// The whole truth as a survey; coordinates in `crs` (projected, metres; empty: no lat and lng)
  /// with the orchard's south-west corner at `origin`. Areas, outlines, volumes and indices are
  /// those of the visible crown in the rendered picture; a crown that others hide altogether is
  /// left out. health_class: Poor below 0.5, Fair below 0.75, else Good.
  Survey truth(const std::string& crs, const Point& origin) const;

 private:
  SyntheticOptions options_;
  std::shared_ptr<const OrchardScene> scene_;
};

}  // namespace canopy
