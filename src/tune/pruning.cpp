// SPDX-License-Identifier: Apache-2.0
#include "tune/pruning.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace canopy {
namespace {

/// What is not a number is worth less than any.
double worth(double value) {
  return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
}

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

bool is_rung(std::int64_t step, std::int64_t first_step, int reduction) {
  std::int64_t rung = first_step;
  while (rung < step) rung *= reduction;
  return rung == step;
}

}  // namespace

void PruningOptions::validate() const {
  require(rule == "median" || rule == "halving" || rule == "none",
          [&] { return "pruning '" + rule + "' is not known; use median, halving or none"; });
  require(least >= 1, "prune-after must be at least 1");
  require(reduction >= 2, "reduction must be at least 2");
}

bool should_stop(const std::vector<Trial>& trials,
                 std::int64_t number,
                 std::int64_t step,
                 std::int64_t first_step,
                 const PruningOptions& options) {
  if (options.rule == "none") return false;
  std::vector<double> others;
  double now = worth(NAN), best = now;
  for (const Trial& trial : trials) {
    const auto found = trial.reports.find(step);
    if (found == trial.reports.end()) continue;
    if (trial.number != number) {
      others.push_back(worth(found->second));
      continue;
    }
    now = worth(found->second);
    for (const auto& [at, value] : trial.reports)
      if (at <= step) best = std::max(best, worth(value));
  }
  if (options.rule == "median")
    return std::ssize(others) >= options.least && best < median_of(others);
  if (!is_rung(step, first_step, options.reduction)) return false;
  const std::int64_t came = std::ssize(others) + 1;
  if (came < options.reduction) return false;
  const auto better = std::ranges::count_if(others, [&](double other) { return other > now; });
  return better >= came / options.reduction;
}

}  // namespace canopy
