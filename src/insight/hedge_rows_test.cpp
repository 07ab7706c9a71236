// SPDX-License-Identifier: Apache-2.0
#include "insight/hedge_rows.h"

#include <gtest/gtest.h>

#include "insight/planted_for_test.h"

namespace canopy {
namespace {

TEST(HedgeRows, rows_are_found_where_nearly_half_of_the_trees_are_not) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const double angle = Random(seed, 3).uniform(0, 180);
    const Planted planted = plant(12,
                                  90,
                                  0.3,
                                  straight(3, 0.3, angle, 0.37),
                                  {.jitter = 0.3, .missing = 0.02, .lost = 0.43},
                                  seed);
    const PlantingPattern pattern = find_planting_pattern(planted.trees);
    ASSERT_EQ(pattern.blocks.size(), 1u) << seed;
    EXPECT_EQ(pattern.blocks[0].pattern, "hedge");
    EXPECT_NEAR(pattern.blocks[0].row_spacing_m, 3, 0.1);
    EXPECT_EQ(pattern.rows.size(), 12u);
    EXPECT_TRUE(pattern.missing.empty());
    EXPECT_GE(score(planted, pattern).ari, 0.98) << seed;
    // Numbers lead away from the south-east.
    const RowFrame frame = row_frame(pattern.blocks[0].row_angle_deg);
    const auto middle = [&](const Row& row) {
      const Point &a = row.line.front(), &b = row.line.back();
      return (a.x + b.x) * frame.across.x + (a.y + b.y) * frame.across.y;
    };
    EXPECT_LT(middle(pattern.rows[0]), middle(pattern.rows[1]));
  }
}

TEST(HedgeRows, a_wood_and_a_grid_of_trees_are_no_hedges) {
  PlantingPattern pattern;
  Random random(4);
  std::vector<Point> wood;
  for (int k = 0; k < 500; ++k) wood.push_back({random.uniform(0, 100), random.uniform(0, 100)});
  pattern.places.resize(wood.size());
  EXPECT_FALSE(lay_out_hedges(wood, pattern));
  const Planted grid = plant(20, 20, 5, straight(6, 5, 20), {.jitter = 0.05, .missing = 0}, 1);
  pattern.places.resize(grid.trees.size());
  EXPECT_FALSE(lay_out_hedges(grid.trees, pattern));
  EXPECT_TRUE(pattern.blocks.empty());
}

}  // namespace
}  // namespace canopy
