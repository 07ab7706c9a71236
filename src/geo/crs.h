// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "geo/polygon.h"
#include "geo/window.h"

namespace canopy {

/// Points from one CRS to another, x east / longitude first always. Not thread-safe.
class Reprojection {
 public:
  /// CRS as "EPSG:..." or WKT. Throws User for one that PROJ does not know.
  Reprojection(const std::string& from, const std::string& to);
  ~Reprojection();
  Reprojection(Reprojection&&) noexcept;
  /// Throws User when a point cannot be transformed.
  Point operator()(const Point& point) const;
  Polygon operator()(const Polygon& polygon) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "EPSG:32734" when the CRS has an authority code, else its WKT.
std::string canonical_crs(const std::string& crs);
/// As a PROJ string ("+proj=utm +zone=34 +south ..."), which is what browsers understand. Throws
/// User where it has none.
std::string proj4_of(const std::string& crs);
bool same_crs(const std::string& a, const std::string& b);
/// Whether its units are degrees, and the metres of one linear unit (1 for UTM, 0.3048... for
/// feet).
bool is_geographic(const std::string& crs);
double metres_per_unit(const std::string& crs);
/// The UTM zone of a longitude and latitude: a CRS in metres for pictures that have degrees.
/// "EPSG:326xx" / "EPSG:327xx".
std::string utm_crs(double lng, double lat);
/// Metres of a small step on the WGS 84 ellipsoid, east and north, between two places in degrees.
Point ellipsoid_step_m(const Point& from_deg, const Point& to_deg);
/// The edge of a pixel on the ground, in metres, at a place of a grid (the root of its area, where
/// it is not square). In a CRS whose own metres are within 0.2 % of the ground's (UTM, national
/// grids) it is what the transform says, else (degrees, web Mercator) the length on the ellipsoid.
double ground_pixel_m(const std::string& crs,
                      const Transform& world_from_pixel,
                      double column,
                      double row);

}  // namespace canopy
