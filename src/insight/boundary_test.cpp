// SPDX-License-Identifier: Apache-2.0
#include "insight/boundary.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "geo/vector_file.h"
#include "insight/planted_for_test.h"
#include "insight/survey_files.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kCrs = "EPSG:32734";

Polygon box(double x0, double y0, double x1, double y1) {
  return {{{{500000 + x0, 6000000 + y0},
            {500000 + x1, 6000000 + y0},
            {500000 + x1, 6000000 + y1},
            {500000 + x0, 6000000 + y1}}}};
}

/// 10 rows of 20 trees, 5 x 3 m; tree 45 is missing.
Survey one_block() {
  Survey survey;
  survey.crs_wkt = kCrs;
  survey.survey_id = "s";
  const Planted planted = plant(10, 20, 3, straight(5, 3, 0), {.jitter = 0.01, .missing = 0}, 1);
  for (std::size_t k = 0; k < planted.trees.size(); ++k) {
    if (k == 45) continue;
    Tree tree;
    tree.id = static_cast<std::int64_t>(k) + 1;
    tree.position = planted.trees[k];
    tree.area_m2 = 4;
    survey.trees.push_back(tree);
  }
  return survey;
}

class Boundaries : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("canopy_boundary_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(Boundaries, two_halves_of_one_planting_are_two_blocks_with_their_names) {
  Survey survey = one_block();
  add_planting_pattern(survey,
                       {{"North", {box(-3, 22.5, 60, 60)}}, {"South", {box(-3, -6, 60, 22.5)}}});
  ASSERT_EQ(survey.blocks.size(), 2u);
  EXPECT_EQ(survey.blocks[0].name, "North");
  EXPECT_EQ(survey.blocks[1].name, "South");
  EXPECT_EQ(survey.blocks[1].block, 2);
  EXPECT_EQ(survey.rows.size(), 10u);
  ASSERT_EQ(survey.missing.size(), 1u);
  EXPECT_EQ(survey.missing[0].block, 2);
  for (const Tree& tree : survey.trees) EXPECT_EQ(tree.block, tree.position.y > 6000022.5 ? 1 : 2);
  for (const Row& row : survey.rows)
    for (const std::int64_t id : row.tree_ids) {
      const auto tree = std::find_if(
          survey.trees.begin(), survey.trees.end(), [&](const Tree& t) { return t.id == id; });
      ASSERT_NE(tree, survey.trees.end());
      EXPECT_EQ(tree->block, row.block);
    }
  EXPECT_NEAR(area_of(survey.blocks[1].outline), 63 * 28.5, 1);
  write_survey(survey, folder_);
  EXPECT_EQ(read_survey(folder_).blocks[1].name, "South");
}

TEST_F(Boundaries, trees_outside_are_in_no_block_and_ground_without_a_pattern_stays_named) {
  Survey survey = one_block();
  add_planting_pattern(survey, {{"A", {box(-3, -3, 30, 60)}}, {"B", {box(34, -3, 39.9, 12)}}});
  ASSERT_EQ(survey.blocks.size(), 2u);
  EXPECT_EQ(survey.blocks[1].pattern, "none");
  EXPECT_EQ(survey.blocks[1].name, "B");
  int outside = 0, in_b = 0;
  for (const Tree& tree : survey.trees) {
    outside += tree.block == 0;
    in_b += tree.block == 2;
  }
  EXPECT_EQ(in_b, 6);
  EXPECT_GT(outside, 50);
  write_survey(survey, folder_);
  EXPECT_EQ(read_survey(folder_).blocks.size(), 2u);
}

TEST_F(Boundaries, a_boundary_elsewhere_is_refused) {
  Survey survey = one_block();
  try {
    add_planting_pattern(survey, {{"A", {box(1000, 1000, 1100, 1100)}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no tree stands inside the boundary"));
  }
}

TEST_F(Boundaries, polygons_are_read_by_name_and_in_the_crs_of_the_trees) {
  VectorLayer layer{"blocks", kCrs, GeometryKind::Polygon, {"Name"}, {}};
  for (const auto& [name, x] : {std::pair{"A", 0.0}, {"B", 100.0}, {"A", 200.0}})
    layer.features.push_back(
        {GeometryKind::Polygon, {}, box(x, 0, x + 50, 50), {{"Name", std::string(name)}}});
  write_vector(folder_ / "blocks.geojson", {layer});
  const Boundary boundary = read_boundary(folder_ / "blocks.geojson", kCrs);
  ASSERT_EQ(boundary.size(), 2u);
  EXPECT_EQ(boundary[0].name, "A");
  EXPECT_EQ(boundary[0].parts.size(), 2u);
  EXPECT_TRUE(contains(boundary[1], {500125, 6000025}));
  layer.crs.clear();
  write_vector(folder_ / "bare.gpkg", {layer});
  EXPECT_THROW(read_boundary(folder_ / "bare.gpkg", kCrs), Error);
  layer.kind = GeometryKind::Point;
  layer.features = {{GeometryKind::Point, {{0, 0}}, {}, {}}};
  write_vector(folder_ / "points.gpkg", {layer});
  EXPECT_THROW(read_boundary(folder_ / "points.gpkg", ""), Error);
}

}  // namespace
}  // namespace canopy
