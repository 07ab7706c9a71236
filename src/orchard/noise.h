// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "base/random.h"

// Smooth noise with its slope, for surfaces that a sun shines on. Value noise with a quintic blend
// like base's, but in single precision, cheap to seed once and ask a billion times, and each noise
// has its own rotation and offset, so that sums of several show no common lattice. A pure function
// of the seed and the place.

namespace canopy {

class Noise {
 public:
  Noise() = default;
  /// `wavelength`: the edge of a lattice cell, in the units of x and y.
  Noise(std::uint64_t seed, double wavelength) {
    Random random(seed, 0x6e6f697365ULL);
    const double angle = random.uniform(0, 2 * std::numbers::pi);
    cos_ = std::cos(angle) / wavelength;
    sin_ = std::sin(angle) / wavelength;
    offset_x_ = random.uniform(0, 4096);
    offset_y_ = random.uniform(0, 4096);
    seed_ = static_cast<std::uint32_t>(random.bits());
  }

  /// A value in [-1, 1] and its derivatives by x and y.
  struct Sample {
    float value = 0, dx = 0, dy = 0;
  };

  float operator()(double x, double y) const {
    const Cell cell = at(x, y);
    const float u = fade(cell.u), v = fade(cell.v);
    return cell.a + cell.b * u + cell.c * v + cell.d * u * v;
  }

  Sample sample(double x, double y) const {
    const Cell cell = at(x, y);
    const float u = fade(cell.u), v = fade(cell.v);
    const float du = slope(cell.u) * (cell.b + cell.d * v);
    const float dv = slope(cell.v) * (cell.c + cell.d * u);
    const float c = static_cast<float>(cos_), s = static_cast<float>(sin_);
    return {cell.a + cell.b * u + cell.c * v + cell.d * u * v, du * c + dv * s, dv * c - du * s};
  }

 private:
  struct Cell {
    float u, v, a, b, c, d;
  };

  Cell at(double x, double y) const {
    const double px = x * cos_ - y * sin_ + offset_x_, py = x * sin_ + y * cos_ + offset_y_;
    const std::int64_t fx = floor_of(px), fy = floor_of(py);
    const auto ix = static_cast<std::uint32_t>(fx), iy = static_cast<std::uint32_t>(fy);
    const float p = corner(ix, iy), q = corner(ix + 1, iy);
    const float r = corner(ix, iy + 1), s = corner(ix + 1, iy + 1);
    return {static_cast<float>(px - static_cast<double>(fx)),
            static_cast<float>(py - static_cast<double>(fy)),
            p,
            q - p,
            r - p,
            p - q - r + s};
  }

  /// std::floor is a call of the C library on plain x86-64; this is two instructions and a compare.
  static std::int64_t floor_of(double x) {
    const auto whole = static_cast<std::int64_t>(x);
    return whole - (x < static_cast<double>(whole) ? 1 : 0);
  }

  float corner(std::uint32_t x, std::uint32_t y) const {
    std::uint32_t h = (x * 0x9e3779b1u) ^ (y * 0x85ebca77u) ^ seed_;
    h ^= h >> 15;
    h *= 0x2c1b3c6du;
    h ^= h >> 12;
    h *= 0x297a2d39u;
    h ^= h >> 15;
    return static_cast<float>(static_cast<std::int32_t>(h)) * 0x1.0p-31f;
  }

  static float fade(float t) { return t * t * t * (t * (t * 6 - 15) + 10); }
  static float slope(float t) { return 30 * t * t * (t * (t - 2) + 1); }

  double cos_ = 1, sin_ = 0, offset_x_ = 0, offset_y_ = 0;
  std::uint32_t seed_ = 0;
};

/// 0 below `low`, 1 above `high`, smooth between.
inline float smooth_step(float low, float high, float x) {
  const float t = x <= low ? 0 : x >= high ? 1 : (x - low) / (high - low);
  return t * t * (3 - 2 * t);
}

}  // namespace canopy
