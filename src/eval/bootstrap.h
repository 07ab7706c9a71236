// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace canopy {

struct BootstrapOptions {
  int resamples = 1000;
  double confidence = 0.95;
  std::uint64_t seed = 1;
};

struct Interval {
  double low = 0, high = 0;
};

/// The percentile bootstrap (Efron 1979): `count` pictures are drawn with replacement, `statistic`
/// is told how many times each was drawn, and the middle of its values is the interval. Pictures,
/// not trees, are drawn, because trees of one picture stand or fall together. Draws for which it is
/// NaN are left out. Throws User without pictures, or for options out of range.
Interval bootstrap(std::int64_t count,
                   const std::function<double(std::span<const int> times)>& statistic,
                   const BootstrapOptions& options = {});

}  // namespace canopy
