// SPDX-License-Identifier: Apache-2.0
#include "insight/tree_measures.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

constexpr const char* kUtm = "EPSG:32734";
const Transform kGrid{{300000, 0.1, 0, 6240100, 0, -0.1}};

/// Two round crowns of 20 px that touch, on a slope, in a picture of 160 x 120 px.
MeasuredTile picture() {
  MeasuredTile tile;
  tile.window = {0, 0, 160, 120};
  const auto n = static_cast<std::size_t>(tile.window.area());
  tile.ids.assign(n, 0);
  tile.red.assign(n, 0.3f);
  tile.red_edge.assign(n, 0.3f);
  tile.nir.assign(n, 0.3f);  // soil: no index at all
  tile.dsm_m.assign(n, 0);
  tile.dtm_m.assign(n, 0);
  for (int y = 0; y < 120; ++y)
    for (int x = 0; x < 160; ++x) {
      const auto k = static_cast<std::size_t>(y * 160 + x);
      tile.dtm_m[k] = 500 + 0.02f * static_cast<float>(x);
      tile.dsm_m[k] = tile.dtm_m[k];
      const double a = std::hypot(x + 0.5 - 60, y + 0.5 - 60),
                   b = std::hypot(x + 0.5 - 99, y + 0.5 - 60);
      const std::uint32_t id = a <= 20 && a <= b ? 7 : b <= 20 ? 9 : 0;
      if (id == 0) continue;
      tile.ids[k] = id;
      tile.red[k] = 0.04f;
      tile.red_edge[k] = 0.2f;
      tile.nir[k] = id == 7 ? 0.4f : 0.3f;
      tile.dsm_m[k] += 3;
    }
  return tile;
}

MeasuredTile part_of(const MeasuredTile& whole, const Window& window) {
  MeasuredTile part;
  part.window = window;
  const auto cut = [&](const auto& from, auto& to) {
    for (std::int64_t y = window.y; y < window.y_end(); ++y)
      for (std::int64_t x = window.x; x < window.x_end(); ++x)
        to.push_back(from[static_cast<std::size_t>(y * whole.window.width + x)]);
  };
  cut(whole.ids, part.ids);
  cut(whole.red, part.red);
  cut(whole.red_edge, part.red_edge);
  cut(whole.nir, part.nir);
  cut(whole.dsm_m, part.dsm_m);
  cut(whole.dtm_m, part.dtm_m);
  return part;
}

TEST(TreeMeasures, a_round_crown_has_the_area_outline_and_indices_of_its_mask_alone) {
  TreeMeasures measures(kUtm, kGrid, kUtm);
  measures.add(picture());
  const auto trees = measures.finish();
  ASSERT_EQ(trees.size(), 2u);
  const Tree& tree = trees[0];
  EXPECT_EQ(tree.id, 7);
  EXPECT_NEAR(tree.area_m2, std::numbers::pi * 4, 0.15);
  EXPECT_NEAR(tree.perimeter_m, 2 * std::numbers::pi * 2, 0.4);
  EXPECT_NEAR(tree.position.x, 300006, 0.05);
  EXPECT_NEAR(tree.position.y, 6240094, 0.02);
  EXPECT_NEAR(tree.ndvi, (0.4 - 0.04) / 0.44, 1e-5);
  EXPECT_NEAR(tree.ndre, (0.4 - 0.2) / 0.6, 1e-5);
  EXPECT_NEAR(tree.height_m, 3, 1e-3);
  EXPECT_NEAR(tree.volume_m3, 3 * tree.area_m2, 0.02);
  EXPECT_GT(signed_area(tree.crown.rings[0]), 0);
  EXPECT_NEAR(area_of(tree.crown), tree.area_m2, 0.02 * tree.area_m2);
  EXPECT_LT(tree.lat, -33);
  EXPECT_NEAR(tree.lng, 18.83, 0.1);
}

TEST(TreeMeasures, tiles_in_any_order_give_what_the_whole_gives) {
  const MeasuredTile whole = picture();
  TreeMeasures one(kUtm, kGrid, kUtm), many(kUtm, kGrid, kUtm);
  one.add(whole);
  for (std::int64_t y : {90, 30, 0, 60})
    for (std::int64_t x : {64, 128, 0, 96, 32}) many.add(part_of(whole, {x, y, 32, 30}));
  const auto a = one.finish(), b = many.finish();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    EXPECT_EQ(a[k].area_m2, b[k].area_m2);
    EXPECT_NEAR(a[k].ndvi, b[k].ndvi, 1e-12);
    EXPECT_NEAR(a[k].volume_m3, b[k].volume_m3, 1e-9);
    EXPECT_EQ(a[k].crown, b[k].crown);
  }
}

TEST(TreeMeasures, without_a_terrain_model_the_ground_comes_from_the_bare_soil) {
  MeasuredTile tile = picture();
  tile.dtm_m.clear();
  TreeMeasures measures(kUtm, kGrid, kUtm);
  measures.add(tile);
  for (const Tree& tree : measures.finish()) {
    EXPECT_NEAR(tree.height_m, 3.2, 0.25);  // the slope lifts the crown's upper edge
    EXPECT_NEAR(tree.volume_m3, 3 * tree.area_m2, 0.15 * tree.area_m2);
  }
}

TEST(TreeMeasures, a_missing_band_gives_no_index) {
  MeasuredTile tile = picture();
  tile.red_edge.clear();
  TreeMeasures measures(kUtm, kGrid, kUtm);
  measures.add(tile);
  const auto trees = measures.finish();
  EXPECT_TRUE(std::isnan(trees[0].ndre));
  EXPECT_FALSE(std::isnan(trees[0].ndvi));
}

TEST(TreeMeasures, areas_are_true_square_metres_in_degrees_and_in_web_mercator) {
  const double lat = -33.9, degree_m = 110922.0;  // a degree of latitude there
  MeasuredTile tile = picture();
  const double dy = 0.1 / degree_m, dx = 0.1 / (111320.0 * std::cos(lat * std::numbers::pi / 180));
  const Transform degrees{{18.8, dx, 0, lat, 0, -dy}};
  TreeMeasures in_degrees("EPSG:4326", degrees, survey_crs_of("EPSG:4326", degrees, tile.window));
  in_degrees.add(tile);
  EXPECT_NEAR(in_degrees.finish()[0].area_m2, std::numbers::pi * 4, 0.2);

  const double stretch = 1 / std::cos(lat * std::numbers::pi / 180);
  const Transform mercator{{2092806, 0.1 * stretch, 0, -4017000, 0, -0.1 * stretch}};
  const std::string crs = survey_crs_of("EPSG:3857", mercator, tile.window);
  EXPECT_EQ(crs, "EPSG:32734");
  TreeMeasures in_mercator("EPSG:3857", mercator, crs);
  in_mercator.add(tile);
  const Tree tree = in_mercator.finish()[0];
  EXPECT_NEAR(tree.area_m2, std::numbers::pi * 4, 0.2);
  EXPECT_NEAR(area_of(tree.crown), tree.area_m2, 0.4);
}

TEST(TreeMeasures, a_plane_of_another_size_is_a_bug) {
  MeasuredTile tile = picture();
  tile.nir.pop_back();
  TreeMeasures measures(kUtm, kGrid, kUtm);
  EXPECT_THROW(measures.add(tile), Error);
}

TEST(TreeMeasures, touching_crowns_share_their_line) {
  TreeMeasures measures(kUtm, kGrid, kUtm);
  measures.add(picture());
  const auto trees = measures.finish();
  double together = 0;
  for (const Tree& tree : trees) together += area_of(tree.crown);
  EXPECT_NEAR(together, trees[0].area_m2 + trees[1].area_m2, 0.02 * together);
  const double middle = 300000 + 7.95;
  for (const Point& p : trees[0].crown.rings[0]) EXPECT_LE(p.x, middle + 0.11);
  for (const Point& p : trees[1].crown.rings[0]) EXPECT_GE(p.x, middle - 0.11);
}

}  // namespace
}  // namespace canopy
