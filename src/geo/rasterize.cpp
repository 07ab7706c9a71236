// SPDX-License-Identifier: Apache-2.0
#include "geo/rasterize.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.h"

namespace canopy {
namespace {

/// Where the ring crosses the middles of the rows: (row, column).
using Crossings = std::vector<std::pair<int, double>>;

void add_crossings(const Ring& ring, int height, Crossings& crossings) {
  for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
    Point a = ring[j], b = ring[i];
    check(std::isfinite(a.x) && std::isfinite(a.y), "a polygon that is burnt has finite points");
    // Upward and downward edges are walked the same way, so that neighbours round alike along a
    // shared edge.
    if (a.y > b.y) std::swap(a, b);
    const auto first_below = [&](double y) {
      return static_cast<int>(std::clamp<double>(std::ceil(y - 0.5), 0, height));
    };
    for (int row = first_below(a.y); row < first_below(b.y); ++row)
      crossings.emplace_back(row, a.x + (row + 0.5 - a.y) * (b.x - a.x) / (b.y - a.y));
  }
}

}  // namespace

std::vector<std::uint32_t> rasterize(const std::vector<Polygon>& polygons_px,
                                     int width,
                                     int height) {
  check(width >= 0 && height >= 0, "a grid has no negative size");
  std::vector<std::uint32_t> id_map(
      static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
  std::vector<double> areas;
  for (const Polygon& polygon : polygons_px) areas.push_back(area_of(polygon));
  std::vector<std::size_t> order(polygons_px.size());
  std::iota(order.begin(), order.end(), 0);
  // The last one burnt wins: small after large, and of two equal ones the first.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return areas[a] != areas[b] ? areas[a] > areas[b] : a > b;
  });
  Crossings crossings;
  for (const std::size_t k : order) {
    crossings.clear();
    for (const Ring& ring : polygons_px[k].rings) add_crossings(ring, height, crossings);
    std::sort(crossings.begin(), crossings.end());
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      const auto column = [&](double x) {
        return static_cast<std::int64_t>(
            std::clamp(std::ceil(x - 0.5), 0.0, static_cast<double>(width)));
      };
      const auto row = id_map.begin() + static_cast<std::int64_t>(crossings[i].first) * width;
      std::fill(row + column(crossings[i].second),
                row + column(crossings[i + 1].second),
                static_cast<std::uint32_t>(k + 1));
    }
  }
  return id_map;
}

}  // namespace canopy
