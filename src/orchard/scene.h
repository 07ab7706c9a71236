// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "orchard/crown.h"
#include "orchard/planting.h"
#include "orchard/point_grid.h"

namespace canopy {

/// A planted orchard that can be looked at. Rendering a window:
///  1. grow it by the sensor's margin; find the trees whose crown or shadow can reach it;
///  2. raise the crowns: at each pixel the tallest surface wins and its tree owns the pixel (ties:
///  the lower id);
///  3. cast the shadow of each tree on what stands at each pixel, ground or another crown;
///  4. colour ground and crowns in that light, let the sensor expose it.
/// No step depends on the window's place or size, so windows fit together bit for bit.
class OrchardScene {
 public:
  explicit OrchardScene(const SyntheticOptions& options);

  const OrchardPlan& plan() const { return plan_; }
  const Planting& planting() const { return planting_; }
  SyntheticTile render(const Window& window) const;

 private:
  struct Canvas;
  std::vector<Crown> crowns_near(const Window& window) const;
  void raise_crown(const Crown& crown, std::uint32_t index, Canvas& canvas) const;
  void cast_shadow(const Crown& crown, std::uint32_t index, Canvas& canvas) const;
  Radiance paint(const std::vector<Crown>& crowns, const Canvas& canvas) const;
  Spectrum ground_light(double x, double y, float sun, float sky) const;
  double x_of(std::int64_t column) const {
    return (static_cast<double>(column) + 0.5) * plan_.gsd_m;
  }
  double y_of(std::int64_t row) const {
    return plan_.height_m - (static_cast<double>(row) + 0.5) * plan_.gsd_m;
  }
  /// Pixels of `window` whose centre may lie in the rectangle, in metres.
  Window pixels_of(
      double x_min, double y_min, double x_max, double y_max, const Window& window) const;

  OrchardPlan plan_;
  Planting planting_;
  Ground ground_;
  Sensor sensor_;
  PointGrid grid_;
  double crown_margin_m_ = 0, shadow_margin_m_ = 0;
};

}  // namespace canopy
