// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "geo/polygon.h"

namespace canopy {

/// Finds points near a place: an even grid of buckets, built once, then read by any number of
/// threads.
class PointGrid {
 public:
  PointGrid() = default;
  PointGrid(const std::vector<Point>& points, double cell_m);

  /// Indices of the points inside the rectangle, ascending.
  std::vector<std::uint32_t> within(double x_min, double y_min, double x_max, double y_max) const;

 private:
  std::int64_t column(double x) const;
  std::int64_t row(double y) const;

  std::vector<Point> points_;
  double cell_m_ = 1, x_min_ = 0, y_min_ = 0;
  std::int64_t columns_ = 0, rows_ = 0;
  std::vector<std::uint32_t> starts_,
      members_;  ///< of bucket b: members_[starts_[b] .. starts_[b + 1])
};

}  // namespace canopy
