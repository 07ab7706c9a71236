// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "geo/polygon.h"

namespace canopy {

/// A convex outline (counter-clockwise) that can be asked quickly how far inside a point lies.
class ConvexOutline {
 public:
  ConvexOutline() = default;
  /// The rectangle [x_min, x_max] x [y_min, y_max].
  ConvexOutline(double x_min, double y_min, double x_max, double y_max);

  /// Cuts away all beyond the line through `point` whose outward normal is `normal` (any length).
  void cut(const Point& point, const Point& normal);
  /// Metres to the nearest edge, positive inside. Beyond a corner it is the distance to an edge's
  /// line.
  double depth(const Point& point) const;
  const Ring& ring() const { return ring_; }
  bool empty() const { return ring_.size() < 3; }

 private:
  struct Edge {
    double nx, ny, offset;  ///< depth = offset - n . p
  };
  void find_edges();

  Ring ring_;
  std::vector<Edge> edges_;
};

}  // namespace canopy
