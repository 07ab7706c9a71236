// SPDX-License-Identifier: Apache-2.0
#include "insight/point_index.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace canopy {

namespace {

// std::hypot guards against overflow that metres never reach, at ten times the cost.
double squared(const Point& a, const Point& b) {
  const double dx = a.x - b.x, dy = a.y - b.y;
  return dx * dx + dy * dy;
}

}  // namespace

double distance(const Point& a, const Point& b) { return std::sqrt(squared(a, b)); }

PointIndex::PointIndex(std::vector<Point> points) : points_(std::move(points)) {
  if (points_.empty()) {
    start_ = {0, 0};
    return;
  }
  low_ = points_.front();
  Point high = low_;
  for (const Point& p : points_) {
    low_ = {std::min(low_.x, p.x), std::min(low_.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  const double width = high.x - low_.x, height = high.y - low_.y;
  const double n = static_cast<double>(points_.size());
  // Points on one line have no area: a bucket is then a piece of the line.
  cell_ = std::max(std::sqrt(2 * width * height / n), 2 * std::max(width, height) / n);
  if (!(cell_ > 0)) cell_ = 1;
  columns_ = static_cast<int>(width / cell_) + 1;
  rows_ = static_cast<int>(height / cell_) + 1;
  const auto bucket = [&](const Point& p) {
    return static_cast<std::size_t>(static_cast<int>((p.y - low_.y) / cell_)) *
               static_cast<std::size_t>(columns_) +
           static_cast<std::size_t>(static_cast<int>((p.x - low_.x) / cell_));
  };
  start_.assign(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_) + 1, 0);
  for (const Point& p : points_) ++start_[bucket(p) + 1];
  for (std::size_t k = 1; k < start_.size(); ++k) start_[k] += start_[k - 1];
  order_.resize(points_.size());
  std::vector<int> next(start_.begin(), start_.end() - 1);
  for (std::size_t k = 0; k < points_.size(); ++k)
    order_[static_cast<std::size_t>(next[bucket(points_[k])]++)] = static_cast<int>(k);
}

template <class Visit>
void PointIndex::visit_box(const Point& place, double radius, Visit visit) const {
  const auto cell_of = [&](double offset, int count) {
    return static_cast<int>(
        std::clamp(std::floor(offset / cell_), -1.0, static_cast<double>(count)));
  };
  const int x0 = std::max(0, cell_of(place.x - radius - low_.x, columns_));
  const int x1 = std::min(columns_ - 1, cell_of(place.x + radius - low_.x, columns_));
  const int y0 = std::max(0, cell_of(place.y - radius - low_.y, rows_));
  const int y1 = std::min(rows_ - 1, cell_of(place.y + radius - low_.y, rows_));
  for (int y = y0; y <= y1; ++y) {
    if (x1 < x0) return;
    const auto line = static_cast<std::size_t>(y) * static_cast<std::size_t>(columns_);
    const int end = start_[line + static_cast<std::size_t>(x1) + 1];
    for (int k = start_[line + static_cast<std::size_t>(x0)]; k < end; ++k)
      visit(order_[static_cast<std::size_t>(k)]);
  }
}

void PointIndex::within(const Point& place, double radius, std::vector<int>& found) const {
  found.clear();
  visit_box(place, radius, [&](int k) {
    if (squared(points_[static_cast<std::size_t>(k)], place) <= radius * radius) found.push_back(k);
  });
}

std::vector<int> PointIndex::within(const Point& place, double radius) const {
  std::vector<int> found;
  within(place, radius, found);
  return found;
}

int PointIndex::closest_within(const Point& place, double radius) const {
  int best = -1;
  double least = radius * radius;
  visit_box(place, radius, [&](int k) {
    const double d2 = squared(points_[static_cast<std::size_t>(k)], place);
    if (d2 < least || (d2 == least && (best < 0 || k < best))) {
      least = d2;
      best = k;
    }
  });
  return best;
}

std::vector<int> PointIndex::nearest(const Point& place, int count) const {
  const auto wanted = static_cast<std::size_t>(std::min(count, size()));
  std::vector<int> found;
  const double all = 2 * cell_ * (columns_ + rows_) + distance(place, low_);
  double radius = cell_;
  while ((within(place, radius, found), found.size() < wanted) && radius < all) radius *= 1.6;
  const auto nearer = [&](int a, int b) {
    const double da = squared(points_[static_cast<std::size_t>(a)], place);
    const double db = squared(points_[static_cast<std::size_t>(b)], place);
    return da != db ? da < db : a < b;
  };
  std::sort(found.begin(), found.end(), nearer);
  if (found.size() > wanted) found.resize(wanted);
  return found;
}

}  // namespace canopy
