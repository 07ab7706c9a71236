// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include "base/random.h"
#include "insight/planting_pattern.h"

// Plantings for tests, with the truth that goes with them, and the measures of what was found.
// Positions alone: what a detector would give, after trees died, were overlooked, seen twice, or
// imagined.

namespace canopy {

struct Planted {
  std::vector<Point> trees;  ///< detections
  std::vector<int> row_of;   ///< the true row of each detection; -1 for one that is no planted tree
  std::vector<Point> missing;  ///< where a tree stood
  std::vector<Point> lost;     ///< standing, but not detected
  double spacing_m = 1;        ///< the closest
};

struct Mishaps {
  double jitter = 0.05;  ///< standard deviation per axis, of the closest spacing
  double missing = 0.03;
  bool in_runs = false;  ///< missing trees come in runs of 2 to 6 along the row
  double lost = 0, imagined = 0, doubled = 0;
};

/// Plants tree k of row r at `place(r, k)`, for as many rows and trees as `rows` and `trees` say,
/// where `inside` is true.
inline Planted plant(
    int rows,
    int trees,
    double spacing_m,
    const std::function<Point(int, int)>& place,
    const Mishaps& mishaps,
    std::uint64_t seed,
    const std::function<bool(const Point&)>& inside = [](const Point&) { return true; }) {
  Planted result;
  result.spacing_m = spacing_m;
  Random random(seed, 7);
  const double sd = mishaps.jitter * spacing_m;
  Point low{1e18, 1e18}, high{-1e18, -1e18};
  for (int r = 0; r < rows; ++r) {
    int run = 0;
    for (int k = 0; k < trees; ++k) {
      const Point planned = place(r, k);
      if (!inside(planned)) continue;
      const Point p{planned.x + random.normal(0, sd), planned.y + random.normal(0, sd)};
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
      const double start =
          mishaps.in_runs ? mishaps.missing / (4 * (1 - mishaps.missing)) : mishaps.missing;
      if (run == 0 && random.chance(start))
        run = mishaps.in_runs ? static_cast<int>(2 + random.below(5)) : 1;
      if (run > 0) {
        --run;
        result.missing.push_back(p);
        continue;
      }
      if (random.chance(mishaps.lost)) {
        result.lost.push_back(p);
        continue;
      }
      result.trees.push_back(p);
      result.row_of.push_back(r);
      if (random.chance(mishaps.doubled)) {
        result.trees.push_back(
            {p.x + 0.2 * spacing_m * random.normal(0, 0.5), p.y + 0.1 * spacing_m});
        result.row_of.push_back(-1);
      }
    }
  }
  const auto imagined =
      static_cast<int>(mishaps.imagined * static_cast<double>(result.trees.size()));
  for (int k = 0; k < imagined; ++k) {
    result.trees.push_back(
        {random.uniform(low.x - 5, high.x + 5), random.uniform(low.y - 5, high.y + 5)});
    result.row_of.push_back(-1);
  }
  return result;
}

/// Straight rows at an angle; each row lies `shift` tree spacings ahead of the one before it,
/// modulo 1.
inline std::function<Point(int, int)> straight(double row_m,
                                               double tree_m,
                                               double angle_deg,
                                               double shift = 0) {
  return [=](int r, int k) {
    const double a = angle_deg * std::numbers::pi / 180;
    const double s = (k + std::fmod(shift * r, 1.0)) * tree_m, t = r * row_m;
    return Point{500000 + s * std::cos(a) - t * std::sin(a),
                 6000000 + s * std::sin(a) + t * std::cos(a)};
  };
}

struct PlantedScore {
  int found = 0, right = 0, neither = 0, wanted = 0, met = 0;
  std::vector<double> errors;
  double ari = 0;
  double precision() const {
    return found > neither ? static_cast<double>(right) / (found - neither) : 1;
  }
  double recall() const { return wanted > 0 ? static_cast<double>(met) / wanted : 1; }
  double median_error() const {
    if (errors.empty()) return 0;
    auto sorted = errors;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

/// The adjusted Rand index of two labellings (Hubert and Arabie 1985); trees with a true label < 0
/// are left out.
inline double adjusted_rand(const std::vector<int>& truth, const std::vector<int>& found) {
  std::map<std::pair<int, int>, double> cells;
  std::map<int, double> a, b;
  double n = 0;
  int alone = -1;
  for (std::size_t k = 0; k < truth.size(); ++k) {
    if (truth[k] < 0) continue;
    const int label = found[k] > 0 ? found[k] : alone--;  // a tree in no row is a row of its own
    ++cells[{truth[k], label}];
    ++a[truth[k]];
    ++b[label];
    ++n;
  }
  const auto pairs = [](double m) { return m * (m - 1) / 2; };
  double same = 0, in_a = 0, in_b = 0;
  for (const auto& [key, m] : cells) same += pairs(m);
  for (const auto& [key, m] : a) in_a += pairs(m);
  for (const auto& [key, m] : b) in_b += pairs(m);
  const double expected = in_a * in_b / std::max(1.0, pairs(n)), most = (in_a + in_b) / 2;
  return most > expected ? (same - expected) / (most - expected) : 1;
}

inline PlantedScore score(const Planted& truth, const PlantingPattern& pattern) {
  PlantedScore result;
  std::vector<char> taken(truth.missing.size(), 0);
  const double tolerance = 0.5 * truth.spacing_m;
  const auto apart = [](const Point& a, const Point& b) {
    return std::hypot(a.x - b.x, a.y - b.y);
  };
  result.wanted = static_cast<int>(truth.missing.size());
  for (const Gap& gap : pattern.missing) {
    ++result.found;
    int best = -1;
    double least = tolerance;
    for (std::size_t k = 0; k < truth.missing.size(); ++k)
      if (const double d = apart(gap.position, truth.missing[k]); !taken[k] && d <= least) {
        least = d;
        best = static_cast<int>(k);
      }
    if (best >= 0) {
      taken[static_cast<std::size_t>(best)] = 1;
      ++result.right;
      ++result.met;
      result.errors.push_back(least);
    } else if (std::any_of(truth.lost.begin(), truth.lost.end(), [&](const Point& p) {
                 return apart(p, gap.position) <= tolerance;
               })) {
      ++result.neither;
    }
  }
  std::vector<int> rows;
  for (const PlantedPlace& p : pattern.places) rows.push_back(p.block * 10000 + p.row_index);
  for (std::size_t k = 0; k < rows.size(); ++k)
    if (pattern.places[k].row_index == 0) rows[k] = 0;
  result.ari = adjusted_rand(truth.row_of, rows);
  return result;
}

}  // namespace canopy
