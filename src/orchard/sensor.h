// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "geo/window.h"
#include "orchard/noise.h"
#include "orchard/spectra.h"

// What lies between the ground and the number in the file: a net if there is one, the lens (a
// Gaussian blur of a pixel or less), exposure with a slow drift and seams where neighbouring
// photographs were joined, the bands' gains, and noise.

namespace canopy {

struct SensorPlan {
  std::uint64_t seed = 0;
  double gsd_m = 0.1;
  double exposure = 1;
  Spectrum gain{1, 1, 1, 1, 1};
  double drift = 0.04;       ///< greatest relative change of brightness over the orchard
  double seam = 0.015;       ///< and from one photograph to the next
  double photograph_m = 40;  ///< ground that one photograph gives
  double noise = 0.002;      ///< standard deviation in the dark, reflectance
  double grain = 0.01;       ///< further noise relative to the signal's square root
  double blur_px = 0.6;      ///< standard deviation of the lens
  double net_dim = 1;        ///< light that a net lets through; 1: no net
  double net_veil = 0;       ///< light that it adds
  double net_cell_m = 6;     ///< between its cables
  double net_angle_deg = 0;
};

/// Reflectances of a window, pixel after pixel.
struct Radiance {
  Window window;
  std::vector<Spectrum> pixels;
};

class Sensor {
 public:
  Sensor() = default;
  explicit Sensor(const SensorPlan& plan);

  /// Pixels that it must see around a window.
  int margin_px() const { return static_cast<int>(kernel_.size()) - 1; }
  /// The planes of `window` (reflectance * 10,000, band after band, 1 and up) from a scene grown by
  /// margin_px().
  std::vector<std::uint16_t> expose(const Window& window, Radiance scene) const;

 private:
  void hang_net(Radiance& scene) const;
  std::vector<Spectrum> blurred(const Window& window, const Radiance& scene) const;
  float brightness(double x, double y) const;

  SensorPlan plan_;
  std::vector<float> kernel_;  ///< one side of the blur, the middle first
  Noise drift_, sag_, weave_;
};

}  // namespace canopy
