// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "geo/polygon.h"

// Which points lie near a place: a grid of buckets, two points a bucket on average. Built once,
// then read by any number of threads.

namespace canopy {

class PointIndex {
 public:
  explicit PointIndex(std::vector<Point> points);

  const std::vector<Point>& points() const { return points_; }
  int size() const { return static_cast<int>(points_.size()); }

  /// The indices of all points within `radius` of `place`, in no particular order.
  std::vector<int> within(const Point& place, double radius) const;
  /// The same in the caller's vector, which is cleared first.
  void within(const Point& place, double radius, std::vector<int>& found) const;
  /// The `count` nearest points, nearest first (fewer when there are not so many).
  std::vector<int> nearest(const Point& place, int count) const;
  /// The nearest point within `radius`, or -1.
  int closest_within(const Point& place, double radius) const;
  /// Whether a point lies within `radius`.
  bool any_within(const Point& place, double radius) const {
    return closest_within(place, radius) >= 0;
  }

 private:
  template <class Visit>
  void visit_box(const Point& place, double radius, Visit visit) const;

  std::vector<Point> points_;
  Point low_;
  double cell_ = 1;
  int columns_ = 1, rows_ = 1;
  std::vector<int> start_, order_;  ///< points of bucket k: order_[start_[k], start_[k + 1])
};

double distance(const Point& a, const Point& b);

}  // namespace canopy
