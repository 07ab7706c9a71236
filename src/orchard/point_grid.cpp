// SPDX-License-Identifier: Apache-2.0
#include "orchard/point_grid.h"

#include <algorithm>
#include <cmath>

namespace canopy {

PointGrid::PointGrid(const std::vector<Point>& points, double cell_m)
    : points_(points), cell_m_(cell_m) {
  if (points_.empty()) return;
  const auto [west, east] = std::ranges::minmax(points_, {}, &Point::x);
  const auto [south, north] = std::ranges::minmax(points_, {}, &Point::y);
  x_min_ = west.x;
  y_min_ = south.y;
  columns_ = static_cast<std::int64_t>((east.x - x_min_) / cell_m_) + 1;
  rows_ = static_cast<std::int64_t>((north.y - y_min_) / cell_m_) + 1;
  const auto bucket = [&](const Point& p) {
    return static_cast<std::size_t>(row(p.y) * columns_ + column(p.x));
  };
  starts_.assign(static_cast<std::size_t>(columns_ * rows_) + 1, 0);
  for (const Point& p : points_) ++starts_[bucket(p) + 1];
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  members_.resize(points_.size());
  std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
  for (std::uint32_t i = 0; i < points_.size(); ++i) members_[next[bucket(points_[i])]++] = i;
}

std::vector<std::uint32_t> PointGrid::within(double x_min,
                                             double y_min,
                                             double x_max,
                                             double y_max) const {
  std::vector<std::uint32_t> found;
  if (points_.empty() || x_max < x_min_ || y_max < y_min_) return found;
  for (std::int64_t r = row(y_min); r <= row(y_max); ++r) {
    for (std::int64_t c = column(x_min); c <= column(x_max); ++c) {
      const auto bucket = static_cast<std::size_t>(r * columns_ + c);
      for (std::uint32_t i = starts_[bucket]; i < starts_[bucket + 1]; ++i) {
        const Point& p = points_[members_[i]];
        if (p.x >= x_min && p.x <= x_max && p.y >= y_min && p.y <= y_max)
          found.push_back(members_[i]);
      }
    }
  }
  std::ranges::sort(found);
  return found;
}

std::int64_t PointGrid::column(double x) const {
  return std::clamp<std::int64_t>(
      static_cast<std::int64_t>(std::floor((x - x_min_) / cell_m_)), 0, columns_ - 1);
}

std::int64_t PointGrid::row(double y) const {
  return std::clamp<std::int64_t>(
      static_cast<std::int64_t>(std::floor((y - y_min_) / cell_m_)), 0, rows_ - 1);
}

}  // namespace canopy
