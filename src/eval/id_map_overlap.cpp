// SPDX-License-Identifier: Apache-2.0
#include "eval/id_map_overlap.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_set>

#include "base/error.h"

namespace canopy {

void IdMapOverlap::add(std::span<const std::uint32_t> truth, std::span<const std::uint32_t> found) {
  require(truth.size() == found.size(), [&] {
    return "rows of " + std::to_string(truth.size()) + " and " + std::to_string(found.size()) +
           " pixels cannot be compared";
  });
  for (std::size_t i = 0; i < truth.size();) {
    const std::size_t begin = i;
    while (i < truth.size() && truth[i] == truth[begin] && found[i] == found[begin]) ++i;
    const auto run = static_cast<std::int64_t>(i - begin);
    const std::uint32_t t = truth[begin], f = found[begin];
    if (t != 0) truth_px_[t] += run;
    if (f != 0) found_px_[f] += run;
    if (t != 0 && f != 0) shared_px_[std::uint64_t{t} << 32 | f] += run;
  }
}

std::vector<IdMapOverlap::Pair> IdMapOverlap::matches(double iou) const {
  require(iou > 0 && iou <= 1,
          [&] { return "an IoU threshold of " + std::to_string(iou) + " is not in (0, 1]"; });
  std::vector<Pair> pairs;
  for (const auto& [key, shared] : shared_px_) {
    const auto truth = static_cast<std::uint32_t>(key >> 32),
               found = static_cast<std::uint32_t>(key);
    const std::int64_t whole = truth_px_.at(truth) + found_px_.at(found) - shared;
    const double value = static_cast<double>(shared) / static_cast<double>(whole);
    if (value >= iou) pairs.push_back({truth, found, value});
  }
  std::ranges::sort(pairs, [](const Pair& a, const Pair& b) {
    return std::tuple(-a.iou, a.truth, a.found) < std::tuple(-b.iou, b.truth, b.found);
  });
  std::unordered_set<std::uint32_t> truths, founds;
  std::vector<Pair> matches;
  for (const Pair& pair : pairs) {
    if (truths.contains(pair.truth) || founds.contains(pair.found)) continue;
    truths.insert(pair.truth);
    founds.insert(pair.found);
    matches.push_back(pair);
  }
  return matches;
}

Counts IdMapOverlap::counts(double iou) const {
  const std::int64_t right = std::ssize(matches(iou));
  return {right,
          static_cast<std::int64_t>(found_px_.size()) - right,
          static_cast<std::int64_t>(truth_px_.size()) - right};
}

AreaError IdMapOverlap::area_error(double iou) const {
  std::vector<double> relative;
  double found_sum = 0, truth_sum = 0;
  for (const Pair& pair : matches(iou)) {
    const auto truth = static_cast<double>(truth_px_.at(pair.truth));
    const auto found = static_cast<double>(found_px_.at(pair.found));
    relative.push_back(std::abs(found - truth) / truth);
    found_sum += found;
    truth_sum += truth;
  }
  if (relative.empty()) return {};
  const auto middle = relative.begin() + std::ssize(relative) / 2;
  std::nth_element(relative.begin(), middle, relative.end());
  return {std::ssize(relative), *middle, (found_sum - truth_sum) / truth_sum};
}

}  // namespace canopy
