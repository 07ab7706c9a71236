// SPDX-License-Identifier: Apache-2.0
#include "orchard/spectra.h"

#include <algorithm>

namespace canopy {
namespace {

constexpr Spectrum kHealthyLeaf = {0.034f, 0.088f, 0.040f, 0.250f, 0.500f};
constexpr Spectrum kSickLeaf = {0.052f, 0.145f, 0.125f, 0.290f, 0.390f};
constexpr Spectrum kBrownLeaf = {0.070f, 0.110f, 0.165f, 0.225f, 0.290f};
constexpr Spectrum kWood = {0.115f, 0.140f, 0.165f, 0.190f, 0.225f};
constexpr Spectrum kSand = {0.190f, 0.255f, 0.315f, 0.345f, 0.390f};
constexpr Spectrum kLoam = {0.095f, 0.135f, 0.185f, 0.215f, 0.265f};
constexpr Spectrum kClay = {0.070f, 0.110f, 0.215f, 0.260f, 0.315f};
constexpr Spectrum kLushGrass = {0.040f, 0.115f, 0.062f, 0.255f, 0.440f};
constexpr Spectrum kStraw = {0.115f, 0.180f, 0.235f, 0.285f, 0.345f};

float clamped(double t) { return static_cast<float>(std::clamp(t, 0.0, 1.0)); }

double normalised_difference(double low, double high) {
  return low + high > 0 ? (high - low) / (high + low) : 0;
}

}  // namespace

Spectrum leaf_spectrum(double health) {
  constexpr double kSick = 0.3;
  if (health < kSick) return blend(kBrownLeaf, kSickLeaf, clamped(health / kSick));
  return blend(kSickLeaf, kHealthyLeaf, clamped((health - kSick) / (1 - kSick)));
}

Spectrum wood_spectrum() { return kWood; }

Spectrum soil_spectrum(double hue) {
  if (hue < 0.5) return blend(kSand, kLoam, clamped(2 * hue));
  return blend(kLoam, kClay, clamped(2 * hue - 1));
}

Spectrum grass_spectrum(double greenness) { return blend(kStraw, kLushGrass, clamped(greenness)); }

double ndvi_of(double red, double nir) { return normalised_difference(red, nir); }
double ndre_of(double red_edge, double nir) { return normalised_difference(red_edge, nir); }

}  // namespace canopy
