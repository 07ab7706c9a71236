// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

// Reflectances of what a drone sees over an orchard, in the five bands of the usual multispectral
// cameras: blue 475 nm, green 560, red 668, red edge 717, near infrared 840. Typical values of
// field spectra; a plan tints them.

namespace canopy {

inline constexpr int kBands = 5;
enum Band : int { kBlue, kGreen, kRed, kRedEdge, kNir };

using Spectrum = std::array<float, kBands>;

/// `a` at t = 0, `b` at t = 1.
inline Spectrum blend(const Spectrum& a, const Spectrum& b, float t) {
  Spectrum mixed;
  for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = a[i] + (b[i] - a[i]) * t;
  return mixed;
}
inline Spectrum operator*(const Spectrum& a, const Spectrum& b) {
  Spectrum product;
  for (std::size_t i = 0; i < product.size(); ++i) product[i] = a[i] * b[i];
  return product;
}
inline Spectrum operator*(const Spectrum& a, float factor) {
  Spectrum product;
  for (std::size_t i = 0; i < product.size(); ++i) product[i] = a[i] * factor;
  return product;
}

/// Foliage of a broad-leaved crown by health: 1 green and dense, 0.3 yellow and thin, 0 brown.
Spectrum leaf_spectrum(double health);
/// Bare grey wood of a dead tree.
Spectrum wood_spectrum();
/// Dry soil by hue: 0 pale sand, 0.5 brown loam, 1 red clay.
Spectrum soil_spectrum(double hue);
/// Grass and weeds by greenness: 1 lush, 0 straw.
Spectrum grass_spectrum(double greenness);

/// (nir - red) / (nir + red) and (nir - red_edge) / (nir + red_edge); 0 for a black pixel.
double ndvi_of(double red, double nir);
double ndre_of(double red_edge, double nir);

}  // namespace canopy
