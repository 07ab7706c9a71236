// SPDX-License-Identifier: Apache-2.0
#include "eval/rle_outline.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace canopy {
namespace {

constexpr double kFiner = 5;

struct Point {
  int x, y;
};

/// Every grid point of an edge, both ends included. Drawn from the end with the smaller coordinate,
/// whichever way it is walked, so that two outlines with a common edge share its points.
template <class Visit>
void walk(Point from, Point to, const Visit& visit) {
  const int dx = std::abs(to.x - from.x), dy = std::abs(to.y - from.y);
  const bool is_flat = dx >= dy;
  const bool is_reversed = is_flat ? from.x > to.x : from.y > to.y;
  if (is_reversed) std::swap(from, to);
  const int steps = is_flat ? dx : dy;
  const double rise = is_flat ? to.y - from.y : to.x - from.x;
  const double slope = steps == 0 ? 0 : rise / steps;
  for (int i = 0; i <= steps; ++i) {
    const int step = is_reversed ? steps - i : i;
    if (is_flat)
      visit({from.x + step, static_cast<int>(from.y + slope * step + 0.5)});
    else
      visit({static_cast<int>(from.x + slope * step + 0.5), from.y + step});
  }
}

std::vector<Point> on_fine_grid(std::span<const double> corners) {
  require(corners.size() >= 6 && corners.size() % 2 == 0, [&] {
    return "an outline of " + std::to_string(corners.size()) +
           " numbers; give x and y of at least three corners";
  });
  std::vector<Point> points;
  const auto fine = [](double v) {
    require(std::abs(v) <= 1e6, [&] {
      return "an outline reaches to " + std::to_string(v) + "; give its corners in pixels";
    });
    return static_cast<int>(kFiner * v + 0.5);
  };
  for (std::size_t i = 0; i < corners.size(); i += 2)
    points.push_back({fine(corners[i]), fine(corners[i + 1])});
  points.push_back(points.front());
  return points;
}

/// Where, in the order of pixels, the outline passes the middles of columns.
std::vector<std::int64_t> crossings(std::span<const double> corners, int height, int width) {
  const std::vector<Point> points = on_fine_grid(corners);
  std::vector<std::int64_t> found;
  Point before = points.front();
  const auto pixel = [](int fine) { return (fine + 0.5) / kFiner - 0.5; };
  for (std::size_t i = 0; i + 1 < points.size(); ++i)
    walk(points[i], points[i + 1], [&](Point at) {
      const Point last = std::exchange(before, at);
      if (at.x == last.x) return;
      const double column = pixel(at.x < last.x ? at.x : at.x - 1);
      if (column != std::floor(column) || column < 0 || column > width - 1) return;
      const double row =
          std::ceil(std::clamp(pixel(std::min(at.y, last.y)), 0.0, static_cast<double>(height)));
      found.push_back(static_cast<std::int64_t>(column) * height + static_cast<std::int64_t>(row));
    });
  std::ranges::sort(found);
  return found;
}

}  // namespace

Rle rle_of_outline(std::span<const double> corners, int height, int width) {
  std::vector<std::int64_t> ends;
  for (const std::int64_t at : crossings(corners, height, width)) {
    if (!ends.empty() && ends.back() == at)
      ends.pop_back();  // a run of nothing: its neighbours are one
    else
      ends.push_back(at);
  }
  const std::int64_t total = std::int64_t{height} * width;
  if (ends.empty() || ends.back() != total) ends.push_back(total);
  Rle rle{height, width, {}};
  std::int64_t begin = 0;
  for (const std::int64_t end : ends)
    rle.counts.push_back(static_cast<std::uint32_t>(end - std::exchange(begin, end)));
  return rle;
}

}  // namespace canopy
