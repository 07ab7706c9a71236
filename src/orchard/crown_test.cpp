// SPDX-License-Identifier: Apache-2.0
#include "orchard/crown.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace canopy {
namespace {

SyntheticTree tree_of(double radius_m, std::uint64_t shape) {
  SyntheticTree tree;
  tree.id = 1;
  tree.position = {100, 200};
  tree.radius_m = radius_m;
  tree.height_m = 4;
  tree.shape_seed = shape;
  return tree;
}

double area_m2(const Crown& crown, double reach_m, double step_m) {
  double area = 0;
  for (double y = -reach_m; y <= reach_m; y += step_m)
    for (double x = -reach_m; x <= reach_m; x += step_m)
      area += crown.surface(100 + x, 200 + y) ? step_m * step_m : 0;
  return area;
}

TEST(Crown, its_area_is_that_of_a_disc_whatever_its_lobes) {
  for (std::uint64_t shape = 1; shape <= 12; ++shape) {
    const Crown crown(tree_of(2, shape), {}, 0.1);
    EXPECT_NEAR(area_m2(crown, 4, 0.02), std::numbers::pi * 4, 0.4) << shape;
  }
}

TEST(Crown, a_stretched_crown_is_long_along_its_row) {
  SyntheticTree tree = tree_of(1, 3);
  tree.stretch = 4;
  tree.axis_rad = std::numbers::pi / 2;
  const Crown crown(tree, {}, 0.05);
  EXPECT_NEAR(crown.radius_toward(0, 1), 2, 0.6);
  EXPECT_NEAR(crown.radius_toward(1, 0), 0.5, 0.15);
}

TEST(Crown, it_is_a_dome_with_a_rim_above_the_ground) {
  const Crown crown(tree_of(2, 5), {}, 0.1);
  const auto top = crown.surface(100, 200);
  ASSERT_TRUE(top);
  EXPECT_NEAR(top->height_m, 4, 0.3);
  const double edge = crown.radius_toward(1, 0);
  const auto rim = crown.surface(100 + 0.9 * edge, 200);
  ASSERT_TRUE(rim);
  EXPECT_LT(rim->height_m, top->height_m - 0.8);
  EXPECT_GT(rim->height_m, 0.5);
  EXPECT_FALSE(crown.surface(100 + crown.max_radius_m() + 0.01, 200));
}

TEST(Crown, its_shadow_falls_away_from_the_sun) {
  const Light from_south(180, 45, 0);
  const Crown crown(tree_of(1.5, 7), {}, 0.1);
  EXPECT_LT(crown.sun_through(100, 202.5, 0, from_south), 0.2f);
  EXPECT_EQ(crown.sun_through(100, 196, 0, from_south), 1);
  EXPECT_EQ(crown.sun_through(100, 200 + crown.max_shadow_m(1) + 0.5, 0, from_south), 1);
  EXPECT_EQ(crown.sun_through(100, 202.5, 5, from_south), 1) << "what stands higher is not shaded";
}

TEST(Crown, a_dead_one_lets_light_and_ground_through) {
  SyntheticTree tree = tree_of(1.5, 7);
  const Light light(180, 45, 0);
  const Crown alive(tree, {}, 0.1);
  tree.status = TreeStatus::Dead;
  tree.health = 0;
  const Crown dead(tree, {}, 0.1);
  EXPECT_GT(dead.sun_through(100, 202.5, 0, light), 0.5f);
  double holes_alive = 0, holes_dead = 0;
  for (int i = 0; i < 400; ++i) {
    const double x = 99 + i % 20 * 0.1, y = 199 + i / 20 * 0.1;
    if (const auto s = alive.surface(x, y)) holes_alive += alive.look(x, y, *s, 1, light).hole;
    if (const auto s = dead.surface(x, y)) holes_dead += dead.look(x, y, *s, 1, light).hole;
  }
  EXPECT_GT(holes_dead, 5 * holes_alive);
}

}  // namespace
}  // namespace canopy
