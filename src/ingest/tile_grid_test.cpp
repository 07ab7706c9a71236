// SPDX-License-Identifier: Apache-2.0
#include "ingest/tile_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/ingest_fixture.h"

namespace canopy {
namespace {

using testing::HasSubstr;

std::vector<TileGrid> grids(const std::vector<double>& gsds_m) {
  return tile_grids(1000, 700, 0.041, gsds_m, 128, 16);
}

TEST(TileGrid, without_a_resolution_tiles_show_the_pictures_own_pixels) {
  const std::vector<Window> windows = tile_windows(1000, 700, 128, 16);
  const std::vector<TileGrid> own = grids({});
  ASSERT_EQ(own.size(), windows.size());
  for (std::size_t i = 0; i < own.size(); ++i) EXPECT_EQ(own[i], TileGrid::of(windows[i]));
}

TEST(TileGrid, each_resolution_covers_the_picture_and_is_met_to_a_pixel_per_tile) {
  const std::vector<double> wanted = {0.041, 0.08, 0.3};
  std::vector<TileGrid> all = grids(wanted);
  for (const double gsd_m : wanted) {
    std::vector<bool> covered(1000 * 700, false);
    const double scale = all.front().scale();
    EXPECT_NEAR(scale * 0.041, gsd_m, 0.5 / 128 * 0.041);
    while (!all.empty() && all.front().scale() == scale) {
      const Window seen = intersection(all.front().window, {0, 0, 1000, 700});
      for (std::int64_t y = seen.y; y < seen.y_end(); ++y)
        std::fill_n(covered.begin() + y * 1000 + seen.x, seen.width, true);
      EXPECT_EQ(all.front().width, 128);
      EXPECT_EQ(all.front().height, 128);
      all.erase(all.begin());
    }
    EXPECT_EQ(std::count(covered.begin(), covered.end(), false), 0) << gsd_m;
  }
  EXPECT_TRUE(all.empty());
}

TEST(TileGrid, neighbours_share_as_much_of_a_tile_at_every_resolution) {
  const std::vector<TileGrid> coarse = grids({0.082});
  EXPECT_EQ(coarse[1].window.x - coarse[0].window.x, 2 * (128 - 16));
}

TEST(TileGrid, within_a_per_cent_it_is_the_pictures_own) {
  for (const double gsd_m : {0.0407, 0.0413}) EXPECT_EQ(grids({gsd_m}), grids({}));
}

TEST(TileGrid, resolutions_that_cannot_be_made_are_named) {
  const auto refused = [](const std::vector<double>& gsds_m) {
    return error_of([&] { grids(gsds_m); });
  };
  EXPECT_THAT(refused({0.08, 0.04}),
              HasSubstr("User: gsd: 4 cm is finer than the picture's 4.1 cm, which shows no more"));
  EXPECT_THAT(refused({4.2}), HasSubstr("more than 100 times the picture's"));
  EXPECT_THAT(refused({0.041, 0.0412}), HasSubstr("tiles of 4.12 cm are asked for twice"));
}

TEST(TileGrid, of_a_picture_without_a_place_the_finest_is_its_own) {
  EXPECT_EQ(finest_gsd_m({0.2, 0.1, 0.4}), 0.1);
  EXPECT_EQ(finest_gsd_m({}), 0);
}

TEST(TileGrid, places_of_the_picture_are_found_in_the_tile) {
  const TileGrid grid = {{100, 50, 256, 256}, 128, 128};
  EXPECT_EQ(grid.tile_from_picture(Point{102, 60}).x, 1);
  EXPECT_EQ(grid.tile_from_picture(Point{102, 60}).y, 5);
  EXPECT_DOUBLE_EQ(area_of(grid.tile_from_picture(rectangle(100, 50, 110, 70))), 200.0 / 4);
}

}  // namespace
}  // namespace canopy
