// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <utility>

// Random numbers that are the same on every compiler and machine, and that can be had out of order:
// `Random(seed, a, b)` is the stream of item (a, b), whoever asks first. SplitMix64 (Steele et al.,
// OOPSLA 2014) over a hashed key. The standard library's distributions are not portable, so those
// that we use are here.

namespace canopy {

/// A good 64-bit mixing of its argument (the SplitMix64 finaliser).
std::uint64_t mix(std::uint64_t x);

class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t a = 0, std::uint64_t b = 0);

  std::uint64_t bits();
  double uniform();                         ///< in [0, 1)
  double uniform(double low, double high);  ///< in [low, high)
  std::int64_t below(std::int64_t n);       ///< in [0, n), unbiased; n > 0
  double normal(double mean = 0, double sd = 1);
  bool chance(double probability);

  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[static_cast<std::size_t>(below(static_cast<std::int64_t>(i)))]);
  }

 private:
  std::uint64_t state_;
};

/// Smooth noise in [-1, 1] over the plane: value noise on a unit lattice, quintic blend. A pure
/// function of its arguments.
double value_noise(std::uint64_t seed, double x, double y);
/// The sum of `octaves` value noises, each twice as fine and half as strong, scaled to [-1, 1].
double fractal_noise(std::uint64_t seed, double x, double y, int octaves);

}  // namespace canopy
