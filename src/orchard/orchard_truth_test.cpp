// SPDX-License-Identifier: Apache-2.0
#include "orchard/orchard_truth.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

constexpr Point kOrigin = {300000, 6200000};

SyntheticOrchard orchard_of(const std::string& preset, double size_m = 60) {
  return SyntheticOrchard({.preset = preset, .seed = 4, .width_m = size_m, .height_m = size_m});
}

TEST(OrchardTruth, areas_are_those_of_the_rendered_picture) {
  const SyntheticOrchard orchard = orchard_of("citrus");
  const Survey truth = orchard.truth("EPSG:32734", kOrigin);
  const SyntheticTile tile = orchard.render({0, 0, 600, 600});
  std::map<std::int64_t, double> area_m2;
  for (const std::uint32_t id : tile.id_map) area_m2[id] += 0.01;
  area_m2.erase(0);
  ASSERT_EQ(truth.trees.size(), area_m2.size());
  for (const Tree& tree : truth.trees) EXPECT_NEAR(tree.area_m2, area_m2[tree.id], 1e-6);
}

TEST(OrchardTruth, outlines_enclose_their_area_and_position) {
  const Survey truth = orchard_of("square").truth("EPSG:32734", kOrigin);
  for (const Tree& tree : truth.trees) {
    EXPECT_NEAR(area_of(tree.crown), tree.area_m2, 0.1 * tree.area_m2 + 0.2) << tree.id;
    EXPECT_GT(signed_area(tree.crown.rings[0]), 0);
    EXPECT_TRUE(contains(tree.crown, tree.position));
    EXPECT_NEAR(tree.perimeter_m, 2 * std::sqrt(3.14159 * tree.area_m2), 0.35 * tree.perimeter_m);
  }
}

TEST(OrchardTruth, everything_lies_where_the_origin_puts_it) {
  const SyntheticOrchard orchard = orchard_of("sick");
  const Survey truth = orchard.truth("EPSG:32734", kOrigin);
  for (const Tree& tree : truth.trees) {
    const Point planted = orchard.trees()[static_cast<std::size_t>(tree.id) - 1].position;
    EXPECT_NEAR(tree.position.x - kOrigin.x, planted.x, 1.5);
    EXPECT_NEAR(tree.position.y - kOrigin.y, planted.y, 1.5);
    EXPECT_NEAR(tree.lng, 18.8, 0.2);
    EXPECT_NEAR(tree.lat, -34.3, 0.2);
  }
  for (const Gap& gap : truth.missing) EXPECT_TRUE(contains(truth.blocks[0].outline, gap.position));
}

TEST(OrchardTruth, dead_trees_are_there_with_their_status_and_poor_indices) {
  const Survey truth = orchard_of("sick", 90).truth("", kOrigin);
  double dead = 0, alive = 0, dead_ndvi = 0, alive_ndvi = 0;
  for (const Tree& tree : truth.trees) {
    (tree.status == TreeStatus::Dead ? dead : alive) += 1;
    (tree.status == TreeStatus::Dead ? dead_ndvi : alive_ndvi) += tree.ndvi;
    EXPECT_EQ(tree.health_class == HealthClass::Poor, tree.health < 0.5);
    EXPECT_EQ(tree.lat, 0);
  }
  ASSERT_GT(dead, 3);
  EXPECT_GT(alive_ndvi / alive, dead_ndvi / dead + 0.25);
}

TEST(OrchardTruth, trees_that_nobody_sees_are_left_out) {
  const SyntheticOrchard orchard = orchard_of("apples", 30);
  const Survey truth = orchard.truth("", kOrigin);
  EXPECT_LE(truth.trees.size(), orchard.trees().size());
  for (const Tree& tree : truth.trees) EXPECT_GT(tree.area_m2, 0);
}

TEST(OrchardTruth, rows_hold_their_trees_in_order) {
  const Survey truth = orchard_of("two_blocks", 80).truth("", kOrigin);
  std::map<std::int64_t, const Tree*> by_id;
  for (const Tree& tree : truth.trees) by_id[tree.id] = &tree;
  std::size_t in_rows = 0, stops = 0;
  for (const Row& row : truth.rows) {
    int last = 0;
    for (const std::int64_t id : row.tree_ids) {
      ASSERT_TRUE(by_id.contains(id));
      EXPECT_EQ(by_id[id]->row_index, row.row_index);
      EXPECT_EQ(by_id[id]->block, row.block);
      EXPECT_GT(by_id[id]->tree_index, last);
      last = by_id[id]->tree_index;
    }
    in_rows += row.tree_ids.size();
    stops += row.line.size();
  }
  EXPECT_EQ(in_rows, truth.trees.size());
  EXPECT_EQ(stops, truth.trees.size() + truth.missing.size());
}

TEST(OrchardTruth, cover_and_hectares_are_those_of_the_blocks) {
  const Survey truth = orchard_of("citrus").truth("", kOrigin);
  double crowns = 0;
  for (const Tree& tree : truth.trees) crowns += tree.area_m2;
  EXPECT_NEAR(truth.hectares, area_of(truth.blocks[0].outline) / 10000, 1e-9);
  EXPECT_NEAR(truth.canopy_cover, crowns / (10000 * truth.hectares), 1e-9);
}

TEST(OrchardTruth, an_unknown_crs_is_refused) {
  EXPECT_THROW(orchard_of("square", 20).truth("EPSG:nowhere", kOrigin), Error);
}

}  // namespace
}  // namespace canopy
