// SPDX-License-Identifier: Apache-2.0
#include "orchard/light.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace canopy {

Light::Light(double azimuth_deg, double elevation_deg, double haze) {
  const double azimuth = azimuth_deg * std::numbers::pi / 180;
  toward_x_ = static_cast<float>(std::sin(azimuth));
  toward_y_ = static_cast<float>(std::cos(azimuth));
  tangent_ = static_cast<float>(std::tan(elevation_deg * std::numbers::pi / 180));
  // Share of skylight on level ground under a clear sky with a high sun; it grows as the sun sinks.
  constexpr Spectrum kClearSky = {0.30f, 0.22f, 0.17f, 0.15f, 0.12f};
  const double low_sun = 1.0 + 0.5 * std::clamp((50 - elevation_deg) / 40, 0.0, 1.0);
  for (std::size_t band = 0; band < kClearSky.size(); ++band) {
    const double clear = kClearSky[band] * low_sun;
    sky_[band] = static_cast<float>(clear + (0.6 - clear) * 0.6 * haze);
    direct_[band] = 1 - sky_[band];
  }
}

}  // namespace canopy
