// SPDX-License-Identifier: Apache-2.0
#include "orchard/outline.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace canopy {

ConvexOutline::ConvexOutline(double x_min, double y_min, double x_max, double y_max)
    : ring_{{x_min, y_min}, {x_max, y_min}, {x_max, y_max}, {x_min, y_max}} {
  find_edges();
}

void ConvexOutline::cut(const Point& point, const Point& normal) {
  const auto beyond = [&](const Point& p) {
    return (p.x - point.x) * normal.x + (p.y - point.y) * normal.y;
  };
  Ring kept;
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    const Point &a = ring_[i], &b = ring_[(i + 1) % ring_.size()];
    const double da = beyond(a), db = beyond(b);
    if (da <= 0) kept.push_back(a);
    if ((da < 0 && db > 0) || (da > 0 && db < 0)) {
      const double t = da / (da - db);
      kept.push_back({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
    }
  }
  ring_ = std::move(kept);
  find_edges();
}

double ConvexOutline::depth(const Point& point) const {
  double least = edges_.empty() ? -1 : std::numeric_limits<double>::max();
  for (const Edge& edge : edges_)
    least = std::min(least, edge.offset - edge.nx * point.x - edge.ny * point.y);
  return least;
}

void ConvexOutline::find_edges() {
  edges_.clear();
  if (ring_.size() < 3) return;
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    const Point &a = ring_[i], &b = ring_[(i + 1) % ring_.size()];
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    if (length < 1e-9) continue;
    const double nx = (b.y - a.y) / length, ny = (a.x - b.x) / length;
    edges_.push_back({nx, ny, nx * a.x + ny * a.y});
  }
}

}  // namespace canopy
