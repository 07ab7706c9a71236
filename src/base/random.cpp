// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <cmath>
#include <numbers>

#include "base/error.h"

namespace canopy {

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

Random::Random(std::uint64_t seed, std::uint64_t a, std::uint64_t b)
    : state_(mix(mix(mix(seed + 0x9e3779b97f4a7c15ULL) + a) + 0x632be59bd9b4e019ULL * (b + 1))) {}

std::uint64_t Random::bits() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }

double Random::uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

std::int64_t Random::below(std::int64_t n) {
  check(n > 0, "a range to draw from");
  const auto range = static_cast<std::uint64_t>(n);
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % range;
  std::uint64_t x = bits();
  while (x >= limit) x = bits();
  return static_cast<std::int64_t>(x % range);
}

double Random::normal(double mean, double sd) {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return mean + sd * radius * std::cos(2 * std::numbers::pi * uniform());
}

bool Random::chance(double probability) { return uniform() < probability; }

double value_noise(std::uint64_t seed, double x, double y) {
  const double fx = std::floor(x), fy = std::floor(y);
  const auto ix = static_cast<std::int64_t>(fx), iy = static_cast<std::int64_t>(fy);
  const auto corner = [&](std::int64_t dx, std::int64_t dy) {
    const auto key = static_cast<std::uint64_t>(ix + dx) * 0x9e3779b97f4a7c15ULL ^
                     static_cast<std::uint64_t>(iy + dy) * 0xc2b2ae3d27d4eb4fULL;
    return static_cast<double>(mix(key + mix(seed)) >> 11) * 0x1.0p-52 - 1;
  };
  const auto fade = [](double t) { return t * t * t * (t * (t * 6 - 15) + 10); };
  const double u = fade(x - fx), v = fade(y - fy);
  const double top = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * u;
  const double bottom = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * u;
  return top + (bottom - top) * v;
}

double fractal_noise(std::uint64_t seed, double x, double y, int octaves) {
  double sum = 0, weight = 1, total = 0;
  for (int i = 0; i < octaves; ++i) {
    sum += weight * value_noise(seed + static_cast<std::uint64_t>(i), x, y);
    total += weight;
    weight /= 2;
    x *= 2;
    y *= 2;
  }
  return total > 0 ? sum / total : 0;
}

}  // namespace canopy
