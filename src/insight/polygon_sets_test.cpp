// SPDX-License-Identifier: Apache-2.0
#include "insight/polygon_sets.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

Polygon square(double x, double y, double edge) {
  return {{{{x, y}, {x + edge, y}, {x + edge, y + edge}, {x, y + edge}}}};
}

TEST(PolygonSets, overlapping_ground_counts_once) {
  const std::vector<Polygon> two = {square(0, 0, 2), square(1, 1, 2)};
  EXPECT_NEAR(total_area(united(two)), 7, 1e-12);
  EXPECT_EQ(united(two).size(), 1u);
}

TEST(PolygonSets, holes_and_parts_are_kept) {
  const auto ring = without({square(0, 0, 6)}, {square(2, 2, 2)});
  ASSERT_EQ(ring.size(), 1u);
  EXPECT_EQ(ring[0].rings.size(), 2u);
  const auto bar = common(ring, {Polygon{{{{-1, 2.5}, {7, 2.5}, {7, 3.5}, {-1, 3.5}}}}});
  EXPECT_EQ(bar.size(), 2u);
  EXPECT_NEAR(total_area(bar), 4, 1e-12);
}

TEST(PolygonSets, ground_that_only_touches_has_nothing_in_common) {
  EXPECT_TRUE(common({square(0, 0, 1)}, {square(1, 0, 1)}).empty());
  EXPECT_TRUE(united({}).empty());
}

TEST(PolygonSets, a_ring_that_crosses_itself_is_mended) {
  const Polygon bow{{{{0, 0}, {2, 2}, {2, 0}, {0, 2}}}};
  EXPECT_NEAR(total_area(united({bow})), 2, 1e-12);
}

}  // namespace
}  // namespace canopy
