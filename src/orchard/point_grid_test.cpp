// SPDX-License-Identifier: Apache-2.0
#include "orchard/point_grid.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace canopy {
namespace {

TEST(PointGrid, finds_what_a_look_at_every_point_finds) {
  Random random(4);
  std::vector<Point> points;
  for (int i = 0; i < 500; ++i) points.push_back({random.uniform(-30, 70), random.uniform(5, 60)});
  const PointGrid grid(points, 7);
  for (int i = 0; i < 200; ++i) {
    const double x = random.uniform(-50, 80), y = random.uniform(-10, 80);
    const double w = random.uniform(0, 40), h = random.uniform(0, 40);
    std::vector<std::uint32_t> expected;
    for (std::uint32_t k = 0; k < points.size(); ++k) {
      const Point& p = points[k];
      if (p.x >= x && p.x <= x + w && p.y >= y && p.y <= y + h) expected.push_back(k);
    }
    EXPECT_EQ(grid.within(x, y, x + w, y + h), expected);
  }
}

TEST(PointGrid, no_points_are_found_nowhere) {
  EXPECT_TRUE(PointGrid({}, 5).within(-1e9, -1e9, 1e9, 1e9).empty());
}

}  // namespace
}  // namespace canopy
