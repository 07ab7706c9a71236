// SPDX-License-Identifier: Apache-2.0
#include "geo/polygon.h"

#include <algorithm>
#include <cmath>

namespace canopy {

double signed_area(const Ring& ring) {
  if (ring.size() < 3) return 0;
  // Relative to the first point: UTM northings would eat the digits of a small crown's area.
  const Point& o = ring.front();
  double twice = 0;
  for (std::size_t i = 1; i + 1 < ring.size(); ++i)
    twice += (ring[i].x - o.x) * (ring[i + 1].y - o.y) - (ring[i + 1].x - o.x) * (ring[i].y - o.y);
  return twice / 2;
}

double area_of(const Polygon& polygon) {
  double area = 0;
  for (std::size_t i = 0; i < polygon.rings.size(); ++i) {
    const double ring = std::abs(signed_area(polygon.rings[i]));
    area += i == 0 ? ring : -ring;
  }
  return area;
}

double perimeter_of(const Polygon& polygon) {
  double length = 0;
  for (const Ring& ring : polygon.rings)
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++)
      length += std::hypot(ring[i].x - ring[j].x, ring[i].y - ring[j].y);
  return length;
}

Point centroid_of(const Polygon& polygon) {
  if (polygon.empty() || polygon.rings[0].empty()) return {};
  const Ring& ring = polygon.rings[0];
  const Point& o = ring.front();
  double twice = 0, x = 0, y = 0, mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Point& next = ring[(i + 1) % ring.size()];
    const Point a = {ring[i].x - o.x, ring[i].y - o.y}, b = {next.x - o.x, next.y - o.y};
    const double cross = a.x * b.y - b.x * a.y;
    twice += cross;
    x += (a.x + b.x) * cross;
    y += (a.y + b.y) * cross;
    mean_x += a.x / static_cast<double>(ring.size());
    mean_y += a.y / static_cast<double>(ring.size());
  }
  const double centre_x = x / (3 * twice), centre_y = y / (3 * twice);
  if (std::isfinite(centre_x) && std::isfinite(centre_y)) return {o.x + centre_x, o.y + centre_y};
  return {o.x + mean_x, o.y + mean_y};
}

bool contains(const Polygon& polygon, const Point& point) {
  bool inside = false;
  for (const Ring& ring : polygon.rings)
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
      const Point &a = ring[i], &b = ring[j];
      if ((a.y > point.y) != (b.y > point.y) &&
          point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x)
        inside = !inside;
    }
  return inside;
}

void turn_rings(Polygon& polygon) {
  for (std::size_t i = 0; i < polygon.rings.size(); ++i) {
    Ring& ring = polygon.rings[i];
    if ((signed_area(ring) > 0) != (i == 0)) std::reverse(ring.begin(), ring.end());
  }
}

}  // namespace canopy
