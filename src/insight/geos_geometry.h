// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <geos_c.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "geo/polygon.h"

// GEOS with owners. For the sources of this module alone.

namespace canopy {

struct GeosContext {
  GEOSContextHandle_t handle = GEOS_init_r();
  GeosContext() = default;
  ~GeosContext() { GEOS_finish_r(handle); }
  GeosContext(const GeosContext&) = delete;
  GeosContext& operator=(const GeosContext&) = delete;
};

struct GeosDeleter {
  GEOSContextHandle_t handle;
  void operator()(GEOSGeometry* g) const { GEOSGeom_destroy_r(handle, g); }
};
using GeosGeometry = std::unique_ptr<GEOSGeometry, GeosDeleter>;

/// Throws Environment where GEOS returned nothing.
inline GeosGeometry owned(const GeosContext& context, GEOSGeometry* g) {
  if (!g) throw Error(Fault::Environment, "GEOS failed while drawing a polygon");
  return {g, GeosDeleter{context.handle}};
}

inline Ring ring_of(const GeosContext& context, const GEOSGeometry* ring, bool counter_clockwise) {
  const GEOSCoordSequence* points = GEOSGeom_getCoordSeq_r(context.handle, ring);
  unsigned size = 0;
  GEOSCoordSeq_getSize_r(context.handle, points, &size);
  Ring result;
  for (unsigned k = 0; k + 1 < size; ++k) {
    Point p;
    GEOSCoordSeq_getXY_r(context.handle, points, k, &p.x, &p.y);
    result.push_back(p);
  }
  if ((signed_area(result) > 0) != counter_clockwise) std::reverse(result.begin(), result.end());
  return result;
}

inline Polygon polygon_of(const GeosContext& context, const GEOSGeometry* g) {
  Polygon polygon;
  polygon.rings.push_back(ring_of(context, GEOSGetExteriorRing_r(context.handle, g), true));
  const int holes = GEOSGetNumInteriorRings_r(context.handle, g);
  for (int k = 0; k < holes; ++k)
    polygon.rings.push_back(ring_of(context, GEOSGetInteriorRingN_r(context.handle, g, k), false));
  return polygon;
}

}  // namespace canopy
