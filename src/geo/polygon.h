// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

// Plane geometry in metres (or pixels, where a name says so). y grows to the north, except in pixel
// coordinates, where it grows downward; "counter-clockwise" is then what it looks like with y up.

namespace canopy {

/// A point of the ground, metres east and north in the survey's CRS.
struct Point {
  double x = 0, y = 0;
  bool operator==(const Point&) const = default;
};

/// A closed ring without repeated end point. The outer ring of a polygon runs counter-clockwise,
/// holes clockwise.
using Ring = std::vector<Point>;

/// One outline with its holes; `rings[0]` is the outer one.
struct Polygon {
  std::vector<Ring> rings = {};
  bool empty() const { return rings.empty(); }
  bool operator==(const Polygon&) const = default;
};

/// Signed area of a ring, positive when counter-clockwise, in squared units of its points.
double signed_area(const Ring& ring);
/// Outer ring less holes.
double area_of(const Polygon& polygon);
double perimeter_of(const Polygon& polygon);
/// Centre of mass of the outer ring.
Point centroid_of(const Polygon& polygon);
/// Even-odd over all rings, so holes are outside. Points on the outline may be either.
bool contains(const Polygon& polygon, const Point& point);
/// Turns each ring to where it belongs: the outer counter-clockwise, holes clockwise.
void turn_rings(Polygon& polygon);

}  // namespace canopy
