// SPDX-License-Identifier: Apache-2.0
#include "eval/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/random.h"

namespace canopy {

Interval bootstrap(std::int64_t count,
                   const std::function<double(std::span<const int> times)>& statistic,
                   const BootstrapOptions& options) {
  require(count > 0, "an interval needs at least one picture");
  require(options.resamples > 0, "an interval needs at least one resample");
  require(options.confidence > 0 && options.confidence < 1, "confidence must lie between 0 and 1");
  std::vector<double> values;
  std::vector<int> times(static_cast<std::size_t>(count));
  for (int r = 0; r < options.resamples; ++r) {
    Random random(options.seed, static_cast<std::uint64_t>(r));
    std::ranges::fill(times, 0);
    for (std::int64_t i = 0; i < count; ++i) ++times[static_cast<std::size_t>(random.below(count))];
    const double value = statistic(times);
    if (!std::isnan(value)) values.push_back(value);
  }
  if (values.empty()) return {NAN, NAN};
  std::ranges::sort(values);
  const auto quantile = [&](double q) {
    return values[static_cast<std::size_t>(
        std::lround(q * static_cast<double>(values.size() - 1)))];
  };
  const double tail = (1 - options.confidence) / 2;
  return {quantile(tail), quantile(1 - tail)};
}

}  // namespace canopy
