// SPDX-License-Identifier: Apache-2.0
#include "ingest/ring_repair.h"

#include <algorithm>
#include <cmath>

namespace canopy {
namespace {

double cross(const Point& o, const Point& a, const Point& b) {
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

/// Where the inner parts of two edges cross.
std::optional<Point> crossing(const Point& a, const Point& b, const Point& c, const Point& d) {
  if (std::max(a.x, b.x) < std::min(c.x, d.x) || std::max(c.x, d.x) < std::min(a.x, b.x) ||
      std::max(a.y, b.y) < std::min(c.y, d.y) || std::max(c.y, d.y) < std::min(a.y, b.y))
    return std::nullopt;
  const double ca = cross(c, d, a), cb = cross(c, d, b), ac = cross(a, b, c), ad = cross(a, b, d);
  if (!(ca * cb < 0 && ac * ad < 0)) return std::nullopt;
  const double t = ca / (ca - cb);
  return Point{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
}

struct Crossing {
  std::size_t first, second;  ///< edges, by their first point
  Point at;
};

std::optional<Crossing> find_crossing(const Ring& ring) {
  const std::size_t n = ring.size();
  for (std::size_t i = 0; i + 2 < n; ++i)
    for (std::size_t j = i + 2; j < n; ++j) {
      if (i == 0 && j == n - 1) continue;
      if (const auto at = crossing(ring[i], ring[i + 1], ring[j], ring[(j + 1) % n]))
        return Crossing{i, j, *at};
    }
  return std::nullopt;
}

}  // namespace

std::optional<RepairedRing> without_crossings(const Ring& given) {
  Ring ring;
  for (const Point& p : given)
    if (ring.empty() || ring.back() != p) ring.push_back(p);
  while (ring.size() > 1 && ring.front() == ring.back()) ring.pop_back();
  RepairedRing result{std::move(ring), false};
  double lost = 0;
  // Each cut leaves fewer crossings; the bound guards against rounding that makes new ones.
  for (std::size_t cuts = 0; cuts <= given.size(); ++cuts) {
    const auto found = find_crossing(result.ring);
    if (!found) {
      if (lost > std::abs(signed_area(result.ring)) / 3) return std::nullopt;
      return result;
    }
    const auto begin = result.ring.begin();
    const auto i = static_cast<std::ptrdiff_t>(found->first) + 1;
    const auto j = static_cast<std::ptrdiff_t>(found->second) + 1;
    Ring inner(begin + i, begin + j), outer(begin, begin + i);
    inner.push_back(found->at);
    outer.push_back(found->at);
    outer.insert(outer.end(), begin + j, result.ring.end());
    double inner_area = std::abs(signed_area(inner)), outer_area = std::abs(signed_area(outer));
    if (inner_area > outer_area) {
      std::swap(inner, outer);
      std::swap(inner_area, outer_area);
    }
    lost += inner_area;
    result.ring = std::move(outer);
    result.is_changed = true;
  }
  return std::nullopt;
}

}  // namespace canopy
