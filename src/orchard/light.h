// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

#include "orchard/spectra.h"

namespace canopy {

/// A sun and a blue sky. Light on a level, open, sunlit surface is 1 in every band; shade is what
/// the sky alone gives: dark, and darker in the infrared than in blue.
class Light {
 public:
  Light() = default;
  /// Azimuth clockwise from north, elevation above the horizon; `haze` 0 clear to 1 milky (more
  /// light from the sky).
  Light(double azimuth_deg, double elevation_deg, double haze);

  /// Light on a surface whose height rises by dx and dy per metre east and north, relative to level
  /// ground, sun only. Foliage lets light through and scatters it, so no slope is quite dark:
  /// `softness` 0 hard to 1 flat.
  float sun_on(float dx, float dy, float softness) const {
    const float facing = 1 - (dx * toward_x_ + dy * toward_y_) / tangent_;
    const float lambert = facing / std::sqrt(1 + dx * dx + dy * dy);
    return softness + (1 - softness) * std::clamp(lambert, 0.0f, 1.8f);
  }
  /// Total light by band: `sun` as from sun_on times what shadows leave, `sky` the visible share of
  /// the sky.
  Spectrum total(float sun, float sky) const {
    Spectrum light;
    for (std::size_t band = 0; band < light.size(); ++band)
      light[band] = direct_[band] * sun + sky_[band] * sky;
    return light;
  }

  /// Unit vector on the ground toward the sun, and metres of height per metre of shadow.
  float toward_x() const { return toward_x_; }
  float toward_y() const { return toward_y_; }
  float tangent() const { return tangent_; }

 private:
  float toward_x_ = 0, toward_y_ = 1, tangent_ = 1;
  Spectrum direct_{}, sky_{};
};

}  // namespace canopy
