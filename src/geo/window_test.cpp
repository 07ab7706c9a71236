// SPDX-License-Identifier: Apache-2.0
#include "geo/window.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

using testing::ElementsAre;

TEST(Window, what_two_windows_share_is_empty_when_they_only_touch) {
  EXPECT_EQ(intersection({0, 0, 10, 10}, {5, -5, 10, 10}), (Window{5, 0, 5, 5}));
  EXPECT_TRUE(intersection({0, 0, 10, 10}, {10, 0, 5, 5}).empty());
  EXPECT_EQ(intersection({0, 0, 10, 10}, {50, 0, 5, 5}).area(), 0);
  EXPECT_EQ(grown({4, 4, 2, 2}, 3), (Window{1, 1, 8, 8}));
}

TEST(Transform, pixels_and_world_are_inverse_even_when_rotated) {
  const Transform rotated = {{500'000, 0.3, 0.4, 6'000'000, 0.4, -0.3}};
  const Point world = rotated.world_from_pixel(12.5, 100.25);
  const Point pixel = rotated.pixel_from_world(world);
  EXPECT_NEAR(pixel.x, 12.5, 1e-6);
  EXPECT_NEAR(pixel.y, 100.25, 1e-6);
}

TEST(Transform, a_window_has_the_grid_of_its_own_corner) {
  const Transform t = {{100, 0.5, 0, 200, 0, -0.5}};
  EXPECT_EQ(t.of_window({4, 8, 1, 1}), (Transform{{102, 0.5, 0, 196, 0, -0.5}}));
  EXPECT_EQ(t.scaled(4), (Transform{{100, 2, 0, 200, 0, -2}}));
}

TEST(Transform, polygons_stay_counter_clockwise_though_y_turns_round) {
  const Transform t = {{100, 0.5, 0, 200, 0, -0.5}};
  const Polygon px = {{{{0, 0}, {8, 0}, {8, 8}, {0, 8}}, {{2, 2}, {2, 4}, {4, 4}, {4, 2}}}};
  const Polygon world = t.world_from_pixel(px);
  EXPECT_DOUBLE_EQ(signed_area(world.rings[0]), 16);
  EXPECT_DOUBLE_EQ(signed_area(world.rings[1]), -1);
  EXPECT_DOUBLE_EQ(area_of(t.pixel_from_world(world)), 60);
  EXPECT_GT(signed_area(t.pixel_from_world(world).rings[0]), 0);
}

TEST(Transform, a_degenerate_one_is_refused) {
  EXPECT_THROW((Transform{{0, 1, 2, 0, 2, 4}}.pixel_from_world({1, 1})), Error);
}

TEST(TileWindows, the_last_tile_is_moved_inward) {
  EXPECT_THAT(tile_windows(25, 10, 10, 2),
              ElementsAre(Window{0, 0, 10, 10}, Window{8, 0, 10, 10}, Window{15, 0, 10, 10}));
}

TEST(TileWindows, a_small_picture_gives_one_tile_that_reaches_beyond_it) {
  EXPECT_THAT(tile_windows(5, 7, 10, 2), ElementsAre(Window{0, 0, 10, 10}));
  EXPECT_TRUE(tile_windows(0, 7, 10, 2).empty());
}

TEST(TileWindows, every_pixel_is_covered_and_no_tile_is_there_twice) {
  for (int width : {1, 9, 10, 11, 18, 19, 64, 100})
    for (int overlap : {0, 1, 5, 9}) {
      std::set<std::int64_t> starts, covered;
      for (const Window& tile : tile_windows(width, 10, 10, overlap)) {
        EXPECT_TRUE(starts.insert(tile.x).second);
        EXPECT_GE(tile.x, 0);
        EXPECT_LE(tile.x_end(), std::max(width, 10));
        for (auto x = tile.x; x < tile.x_end(); ++x) covered.insert(x);
      }
      for (int x = 0; x < width; ++x) EXPECT_TRUE(covered.contains(x)) << width << " " << overlap;
    }
}

TEST(TileWindows, an_overlap_as_wide_as_the_tile_is_refused) {
  EXPECT_THROW(tile_windows(100, 100, 10, 10), Error);
  EXPECT_THROW(tile_windows(100, 100, 0, 0), Error);
}

}  // namespace
}  // namespace canopy
