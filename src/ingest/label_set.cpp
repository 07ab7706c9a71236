// SPDX-License-Identifier: Apache-2.0
#include "ingest/label_set.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace canopy {
namespace {

/// The points of `ring` on the side where `depth` is not negative.
template <class Depth>
Ring clipped(const Ring& ring, const Depth& depth) {
  Ring out;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Point &a = ring[i], &b = ring[(i + 1) % ring.size()];
    const double da = depth(a), db = depth(b);
    if (da >= 0) out.push_back(a);
    if ((da < 0) == (db < 0)) continue;
    const double t = da / (da - db);
    out.push_back({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
  }
  return out;
}

double area_within(Ring ring, const Window& w) {
  const auto x0 = static_cast<double>(w.x), x1 = static_cast<double>(w.x_end());
  const auto y0 = static_cast<double>(w.y), y1 = static_cast<double>(w.y_end());
  ring = clipped(ring, [&](const Point& p) { return p.x - x0; });
  ring = clipped(ring, [&](const Point& p) { return x1 - p.x; });
  ring = clipped(ring, [&](const Point& p) { return p.y - y0; });
  ring = clipped(ring, [&](const Point& p) { return y1 - p.y; });
  return std::abs(signed_area(ring));
}

}  // namespace

Bounds bounds_of(const std::vector<Polygon>& parts) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  Bounds box = {kFar, kFar, -kFar, -kFar};
  for (const Polygon& part : parts)
    for (const Point& p : part.rings.at(0)) {
      box.xmin = std::min(box.xmin, p.x);
      box.ymin = std::min(box.ymin, p.y);
      box.xmax = std::max(box.xmax, p.x);
      box.ymax = std::max(box.ymax, p.y);
    }
  return box;
}

double area_of(const std::vector<Polygon>& parts) {
  double area = 0;
  for (const Polygon& part : parts) area += area_of(part);
  return area;
}

double area_of(const Bounds& box) {
  return std::max(0.0, box.xmax - box.xmin) * std::max(0.0, box.ymax - box.ymin);
}

double area_within(const std::vector<Polygon>& parts, const Window& window) {
  double area = 0;
  for (const Polygon& part : parts)
    for (std::size_t i = 0; i < part.rings.size(); ++i)
      area += (i == 0 ? 1 : -1) * area_within(part.rings[i], window);
  return area;
}

Bounds intersection(const Bounds& box, const Window& w) {
  return {std::max(box.xmin, static_cast<double>(w.x)),
          std::max(box.ymin, static_cast<double>(w.y)),
          std::min(box.xmax, static_cast<double>(w.x_end())),
          std::min(box.ymax, static_cast<double>(w.y_end()))};
}

bool meets(const Bounds& box, const Window& w) {
  return box.xmin < static_cast<double>(w.x_end()) && box.xmax >= static_cast<double>(w.x) &&
         box.ymin < static_cast<double>(w.y_end()) && box.ymax >= static_cast<double>(w.y);
}

}  // namespace canopy
