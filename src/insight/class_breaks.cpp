// SPDX-License-Identifier: Apache-2.0
#include "insight/class_breaks.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace canopy {
namespace {

constexpr std::size_t kGroups = 512;

struct Group {
  double first = 0, weight = 0, sum = 0, squares = 0;  ///< the least value; weighted sums
};

/// Equal values are never parted.
std::vector<Group> groups_of(const std::vector<double>& values,
                             const std::vector<double>& weights) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return values[a] < values[b];
  });
  const double share = std::accumulate(weights.begin(), weights.end(), 0.0) / kGroups;
  const bool is_many = values.size() > kGroups;
  std::vector<Group> groups;
  double last = 0;
  for (std::size_t k : order) {
    const double value = values[k], weight = weights[k];
    const bool is_full = !groups.empty() && (!is_many || groups.back().weight >= share);
    if (groups.empty() || (is_full && value != last)) groups.push_back({value, 0, 0, 0});
    last = value;
    groups.back().weight += weight;
    groups.back().sum += weight * value;
    groups.back().squares += weight * value * value;
  }
  return groups;
}

std::vector<double> quantiles(const std::vector<Group>& groups, int classes) {
  double total = 0;
  for (const Group& g : groups) total += g.weight;
  std::vector<double> breaks;
  double below = 0;
  for (const Group& g : groups) {
    // The break that leaves the weight below it nearest to what is wanted.
    while (static_cast<int>(breaks.size()) < classes - 1 &&
           below + 0.5 * g.weight >= total * (static_cast<double>(breaks.size()) + 1) / classes)
      breaks.push_back(g.first);
    below += g.weight;
  }
  return breaks;
}

std::vector<double> jenks(const std::vector<Group>& groups, int classes) {
  const std::size_t n = groups.size();
  std::vector<Group> before(n + 1);
  for (std::size_t k = 0; k < n; ++k)
    before[k + 1] = {0,
                     before[k].weight + groups[k].weight,
                     before[k].sum + groups[k].sum,
                     before[k].squares + groups[k].squares};
  const auto spread = [&](std::size_t a, std::size_t b) {  // of groups a to b - 1
    const double weight = before[b].weight - before[a].weight, sum = before[b].sum - before[a].sum;
    return weight > 0 ? before[b].squares - before[a].squares - sum * sum / weight : 0;
  };
  std::vector<double> least(n + 1, std::numeric_limits<double>::infinity());
  least[0] = 0;
  std::vector<std::vector<std::size_t>> first;
  for (int c = 0; c < classes; ++c) {
    std::vector<double> next(n + 1, std::numeric_limits<double>::infinity());
    first.emplace_back(n + 1, 0);
    for (std::size_t b = 0; b <= n; ++b)
      for (std::size_t a = 0; a <= b; ++a)
        if (const double cost = least[a] + spread(a, b); cost < next[b]) {
          next[b] = cost;
          first.back()[b] = a;
        }
    least = std::move(next);
  }
  std::vector<double> breaks;
  std::size_t end = n;
  for (int c = classes - 1; c > 0; --c) {
    end = first[static_cast<std::size_t>(c)][end];
    breaks.push_back(end < n ? groups[end].first : std::numeric_limits<double>::infinity());
  }
  std::reverse(breaks.begin(), breaks.end());
  return breaks;
}

}  // namespace

std::vector<double> class_breaks(const std::vector<double>& values,
                                 const std::vector<double>& weights,
                                 int classes,
                                 const std::string& method) {
  require(method == "quantiles" || method == "jenks",
          [&] { return "breaks: '" + method + "' is unknown; say quantiles or jenks"; });
  check(classes > 0 && values.size() == weights.size(), "a weight for each value");
  const std::vector<Group> groups = groups_of(values, weights);
  auto breaks = method == "jenks" ? jenks(groups, classes) : quantiles(groups, classes);
  breaks.resize(static_cast<std::size_t>(classes - 1), std::numeric_limits<double>::infinity());
  return breaks;
}

int class_of(double value, const std::vector<double>& breaks) {
  return static_cast<int>(std::upper_bound(breaks.begin(), breaks.end(), value) - breaks.begin());
}

}  // namespace canopy
