// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_summary.h"

#include <cmath>

#include <gtest/gtest.h>

namespace canopy {
namespace {

Tree square_tree(double x, double y, double side, double ndvi) {
  Tree tree;
  tree.position = {x, y};
  tree.area_m2 = side * side;
  tree.ndvi = ndvi;
  tree.ndre = NAN;
  const double h = side / 2;
  tree.crown.rings = {{{x - h, y - h}, {x + h, y - h}, {x + h, y + h}, {x - h, y + h}}};
  return tree;
}

TEST(SurveySummary, means_are_over_living_trees_and_what_is_unknown_is_null) {
  Survey survey;
  survey.survey_id = "block 7";
  survey.trees = {
      square_tree(0, 0, 2, 0.8), square_tree(10, 0, 4, 0.6), square_tree(0, 10, 2, NAN)};
  survey.trees[1].status = TreeStatus::Dead;
  survey.missing.resize(3);
  const auto summary = survey_summary(survey);
  EXPECT_EQ(summary.at("tree_count"), 3);
  EXPECT_EQ(summary.at("missing_tree_count"), 3);
  EXPECT_EQ(summary.at("dead_tree_count"), 1);
  EXPECT_DOUBLE_EQ(summary.at("average_area_m2"), 4);
  EXPECT_DOUBLE_EQ(summary.at("average_ndvi"), 0.8);
  EXPECT_TRUE(summary.at("average_ndre").is_null());
}

TEST(SurveySummary, cover_is_the_crowns_of_the_blocks_over_the_blocks) {
  Survey survey;
  for (int i = 0; i < 4; ++i) survey.trees.push_back(square_tree(i * 10.0, 0, 2, 0.8));
  for (std::size_t i = 0; i < 3; ++i) survey.trees[i].block = 1;  // the fourth is a stray
  Block block;
  block.outline.rings = {{{0, 0}, {200, 0}, {200, 100}, {0, 100}}};
  survey.blocks = {block};
  add_cover(survey);
  EXPECT_NEAR(survey.hectares, 2.0, 1e-9);
  EXPECT_NEAR(survey.canopy_cover, 12.0 / 20'000, 1e-12);
}

TEST(SurveySummary, without_blocks_the_ground_round_the_trees_counts) {
  Survey survey;
  survey.trees = {
      square_tree(0, 0, 2, 0.8), square_tree(500, 0, 2, 0.8), square_tree(8, 0, 2, 0.8)};
  add_cover(survey);
  EXPECT_GT(survey.hectares, 0);
  EXPECT_LT(survey.hectares, 0.1);  // two parts, not the land between them
  EXPECT_GT(survey.canopy_cover, 0);
}

TEST(SurveySummary, a_survey_without_trees_covers_nothing) {
  Survey survey;
  add_cover(survey);
  EXPECT_EQ(survey.hectares, 0);
  EXPECT_EQ(survey_summary(survey).at("tree_count"), 0);
}

}  // namespace
}  // namespace canopy
