// SPDX-License-Identifier: Apache-2.0
#include "insight/polygon_sets.h"

#include "insight/geos_geometry.h"

namespace canopy {
namespace {

GEOSGeometry* closed_ring(const GeosContext& context, const Ring& ring) {
  const auto size = static_cast<unsigned>(ring.size());
  GEOSCoordSequence* points = GEOSCoordSeq_create_r(context.handle, size + 1, 2);
  for (unsigned k = 0; k <= size; ++k) {
    const Point& p = ring[k % size];
    GEOSCoordSeq_setXY_r(context.handle, points, k, p.x, p.y);
  }
  return GEOSGeom_createLinearRing_r(context.handle, points);
}

GeosGeometry geometry_of(const GeosContext& context, const std::vector<Polygon>& polygons) {
  std::vector<GEOSGeometry*> parts;
  for (const Polygon& polygon : polygons) {
    if (polygon.empty() || polygon.rings[0].size() < 3) continue;
    std::vector<GEOSGeometry*> holes;
    for (std::size_t k = 1; k < polygon.rings.size(); ++k)
      holes.push_back(closed_ring(context, polygon.rings[k]));
    parts.push_back(GEOSGeom_createPolygon_r(context.handle,
                                             closed_ring(context, polygon.rings[0]),
                                             holes.data(),
                                             static_cast<unsigned>(holes.size())));
  }
  const auto all = owned(context,
                         GEOSGeom_createCollection_r(context.handle,
                                                     GEOS_GEOMETRYCOLLECTION,
                                                     parts.data(),
                                                     static_cast<unsigned>(parts.size())));
  const auto valid = owned(context, GEOSMakeValid_r(context.handle, all.get()));
  return owned(context, GEOSUnaryUnion_r(context.handle, valid.get()));
}

/// Points and lines, where two sets only touch, are left out.
void collect(const GeosContext& context, const GEOSGeometry* g, std::vector<Polygon>& polygons) {
  if (GEOSisEmpty_r(context.handle, g) != 0) return;
  if (GEOSGeomTypeId_r(context.handle, g) == GEOS_POLYGON) {
    polygons.push_back(polygon_of(context, g));
    return;
  }
  const int count = GEOSGetNumGeometries_r(context.handle, g);
  if (GEOSGeomTypeId_r(context.handle, g) < GEOS_MULTIPOINT) return;
  for (int k = 0; k < count; ++k)
    collect(context, GEOSGetGeometryN_r(context.handle, g, k), polygons);
}

std::vector<Polygon> polygons_of(const GeosContext& context, const GeosGeometry& g) {
  std::vector<Polygon> polygons;
  collect(context, g.get(), polygons);
  return polygons;
}

using Operation = GEOSGeometry* (*)(GEOSContextHandle_t, const GEOSGeometry*, const GEOSGeometry*);

std::vector<Polygon> combined(const std::vector<Polygon>& a,
                              const std::vector<Polygon>& b,
                              Operation operation) {
  const GeosContext context;
  const auto left = geometry_of(context, a), right = geometry_of(context, b);
  return polygons_of(context, owned(context, operation(context.handle, left.get(), right.get())));
}

}  // namespace

std::vector<Polygon> united(const std::vector<Polygon>& polygons) {
  const GeosContext context;
  return polygons_of(context, geometry_of(context, polygons));
}

std::vector<Polygon> common(const std::vector<Polygon>& a, const std::vector<Polygon>& b) {
  return combined(a, b, GEOSIntersection_r);
}

std::vector<Polygon> without(const std::vector<Polygon>& a, const std::vector<Polygon>& b) {
  return combined(a, b, GEOSDifference_r);
}

double total_area(const std::vector<Polygon>& polygons) {
  double sum = 0;
  for (const Polygon& polygon : polygons) sum += area_of(polygon);
  return sum;
}

}  // namespace canopy
