// SPDX-License-Identifier: Apache-2.0
#include "insight/block_outline.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>

#include "insight/geos_geometry.h"

namespace canopy {
namespace {

constexpr int kQuarterSegments = 4;

/// One place of each square of `cell_m`: in a hedge the others add nothing but time.
std::vector<Point> thinned(const std::vector<Point>& places, double cell_m) {
  std::set<std::pair<std::int64_t, std::int64_t>> taken;
  std::vector<Point> kept;
  for (const Point& p : places)
    if (taken.insert({std::llround(p.x / cell_m), std::llround(p.y / cell_m)}).second)
      kept.push_back(p);
  return kept;
}

GeosGeometry points_of(const GeosContext& context, const std::vector<Point>& places) {
  std::vector<GEOSGeometry*> points;
  for (const Point& p : places)
    points.push_back(GEOSGeom_createPointFromXY_r(context.handle, p.x, p.y));
  return owned(
      context,
      GEOSGeom_createCollection_r(
          context.handle, GEOS_MULTIPOINT, points.data(), static_cast<unsigned>(points.size())));
}

}  // namespace

Polygon block_outline(const std::vector<Point>& places, double reach_m, double margin_m) {
  if (places.empty()) return {};
  const GeosContext context;
  const auto buffered = [&](const GeosGeometry& g, double by) {
    return owned(context, GEOSBuffer_r(context.handle, g.get(), by, kQuarterSegments));
  };
  const auto grown = buffered(points_of(context, thinned(places, 0.5 * margin_m)), reach_m);
  const auto drawn_back = buffered(grown, margin_m - reach_m);
  const auto simple = owned(
      context, GEOSTopologyPreserveSimplify_r(context.handle, drawn_back.get(), margin_m / 10));
  const GEOSGeometry* largest = nullptr;
  double most = -1;
  for (int k = 0; k < GEOSGetNumGeometries_r(context.handle, simple.get()); ++k) {
    const GEOSGeometry* part = GEOSGetGeometryN_r(context.handle, simple.get(), k);
    double area = 0;
    if (GEOSisEmpty_r(context.handle, part) == 0 && GEOSArea_r(context.handle, part, &area) == 1 &&
        area > most) {
      most = area;
      largest = part;
    }
  }
  return largest ? polygon_of(context, largest) : Polygon{};
}

}  // namespace canopy
