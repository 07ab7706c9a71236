// SPDX-License-Identifier: Apache-2.0
#include "orchard/grove.h"

#include <algorithm>
#include <numbers>

#include <gtest/gtest.h>

#include "base/error.h"
#include "orchard/spectra.h"

namespace canopy {
namespace {

Grove small_grove() {
  return plant(R"(
      . . O . .
      . o _ o .
      . . x . . )");
}

TEST(Grove, every_sign_becomes_what_it_means) {
  const Grove grove = small_grove();
  ASSERT_EQ(grove.trees().size(), 4u);
  ASSERT_EQ(grove.gaps().size(), 1u);
  EXPECT_EQ(grove.width_px(), 200);
  EXPECT_EQ(grove.height_px(), 120);
  EXPECT_EQ(grove.tree_at(2, 2).status, TreeStatus::Dead);
  EXPECT_EQ(grove.tree_at(2, 0).status, TreeStatus::Alive);
  EXPECT_GT(grove.tree_at(2, 0).area_m2, grove.tree_at(1, 1).area_m2);
  EXPECT_EQ(grove.gaps()[0].position, (Point{500010, 6200006}));
}

TEST(Grove, rows_and_trees_are_numbered_from_the_south_east) {
  const Grove grove = small_grove();
  EXPECT_EQ(grove.tree_at(2, 2).row_index, 1);
  EXPECT_EQ(grove.tree_at(3, 1).row_index, 2);
  EXPECT_EQ(grove.tree_at(3, 1).tree_index, 1);
  EXPECT_EQ(grove.gaps()[0].tree_index, 2);
  EXPECT_EQ(grove.tree_at(1, 1).tree_index, 3);
  EXPECT_EQ(grove.tree_at(2, 0).row_index, 3);
  ASSERT_EQ(grove.survey().rows.size(), 3u);
  EXPECT_EQ(grove.survey().rows[1].line.size(), 3u);
  EXPECT_EQ(grove.survey().rows[1].tree_ids.size(), 2u);
}

TEST(Grove, the_id_map_has_discs_of_the_stated_area) {
  const Grove grove = small_grove();
  const auto ids = grove.id_map();
  for (const Tree& tree : grove.trees()) {
    const auto pixels =
        static_cast<double>(std::ranges::count(ids, static_cast<std::uint32_t>(tree.id)));
    EXPECT_NEAR(pixels * 0.01, tree.area_m2, 0.03 * tree.area_m2);
    EXPECT_NEAR(area_of(tree.crown), tree.area_m2, 1e-6 * tree.area_m2);
    const auto world = grove.world_from_pixel();
    const Point px = world.pixel_from_world(tree.position);
    EXPECT_EQ(ids[static_cast<std::size_t>(px.y) * 200 + static_cast<std::size_t>(px.x)], tree.id);
  }
}

TEST(Grove, a_window_is_a_part_of_the_whole_and_beyond_the_edge_is_ground) {
  const Grove grove = small_grove();
  const auto whole = grove.id_map();
  const Window window{90, -10, 60, 90};
  const auto part = grove.id_map(window);
  for (std::int64_t y = 0; y < window.height; ++y) {
    for (std::int64_t x = 0; x < window.width; ++x) {
      const std::int64_t row = y + window.y, column = x + window.x;
      const std::uint32_t expected =
          row < 0 ? 0 : whole[static_cast<std::size_t>(row * 200 + column)];
      ASSERT_EQ(part[static_cast<std::size_t>(y * window.width + x)], expected);
    }
  }
}

TEST(Grove, where_discs_overlap_the_larger_one_owns_the_pixel) {
  const Grove grove = plant("o O o", {.cell_m = 2, .large_radius_m = 1.6, .small_radius_m = 1});
  const auto ids = grove.id_map();
  const std::size_t middle_row = 10 * 60;
  EXPECT_EQ(ids[middle_row + 18], 2u);
  EXPECT_EQ(ids[middle_row + 42], 2u);
  EXPECT_EQ(ids[middle_row + 5], 1u);
}

TEST(Grove, its_picture_shows_live_green_crowns_above_the_soil) {
  const Grove grove = small_grove();
  const SyntheticTile tile = grove.tile(grove.window());
  const std::size_t area = tile.id_map.size();
  for (std::size_t i = 0; i < area; ++i) {
    const double ndvi = ndvi_of(tile.planes[kRed * area + i], tile.planes[kNir * area + i]);
    const std::uint32_t id = tile.id_map[i];
    const bool is_alive = id > 0 && grove.trees()[id - 1].status == TreeStatus::Alive;
    ASSERT_EQ(ndvi > 0.5, is_alive);
    ASSERT_EQ(tile.dsm_m[i] > tile.dtm_m[i], id > 0);
  }
}

TEST(Grove, a_drawing_that_cannot_be_planted_is_refused) {
  EXPECT_THROW(plant("   \n  "), Error);
  EXPECT_THROW(plant("o o\no"), Error);
  EXPECT_THROW(plant("o Q"), Error);
  EXPECT_THROW(plant("o", {.cell_m = 0}), Error);
  EXPECT_THROW(plant("o", {.large_radius_m = -1}), Error);
  EXPECT_THROW(small_grove().tree_at(0, 0), Error);
  EXPECT_THROW(small_grove().tree_at(9, 9), Error);
}

}  // namespace
}  // namespace canopy
