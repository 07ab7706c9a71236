// SPDX-License-Identifier: Apache-2.0
#include "orchard/outline.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

TEST(ConvexOutline, a_depth_is_the_distance_to_the_nearest_edge) {
  const ConvexOutline field(0, 0, 10, 6);
  EXPECT_DOUBLE_EQ(field.depth({5, 3}), 3);
  EXPECT_DOUBLE_EQ(field.depth({9, 3}), 1);
  EXPECT_DOUBLE_EQ(field.depth({12, 3}), -2);
}

TEST(ConvexOutline, a_cut_takes_a_corner_away) {
  ConvexOutline field(0, 0, 10, 10);
  field.cut({8, 8}, {1, 1});
  EXPECT_EQ(field.ring().size(), 5u);
  EXPECT_NEAR(signed_area(field.ring()), 100 - 8, 1e-9);
  EXPECT_LT(field.depth({9.5, 9.5}), 0);
  EXPECT_GT(field.depth({7, 8}), 0);
}

TEST(ConvexOutline, a_cut_that_misses_changes_nothing_and_one_beyond_leaves_nothing) {
  ConvexOutline field(0, 0, 10, 10);
  field.cut({20, 0}, {1, 0});
  EXPECT_NEAR(signed_area(field.ring()), 100, 1e-9);
  field.cut({-1, 0}, {1, 0});
  EXPECT_TRUE(field.empty());
  EXPECT_LT(field.depth({5, 5}), 0);
}

}  // namespace
}  // namespace canopy
