// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_score.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "orchard/synthetic_orchard.h"

namespace canopy {
namespace {

/// 5 rows of 8 trees, 5 x 4 m, a gap at the end of each row.
Survey small() {
  Survey survey;
  survey.blocks.push_back({1, "rectangular", 5, 4, 0, {}});
  for (int r = 0; r < 5; ++r) {
    for (int k = 0; k < 8; ++k) {
      Tree tree;
      tree.id = static_cast<std::int64_t>(survey.trees.size()) + 1;
      tree.position = {4.0 * k, 5.0 * r};
      tree.block = 1;
      tree.row_index = r + 1;
      tree.area_m2 = 10;
      survey.trees.push_back(tree);
    }
    survey.missing.push_back({{32, 5.0 * r}, 1, r + 1, 9, 1});
  }
  return survey;
}

TEST(SurveyScore, the_truth_scores_full_marks) {
  const Survey truth = small();
  const SurveyScore score = score_survey(truth, truth, pair_by_position(truth, truth, 0.5));
  EXPECT_EQ(score.trees.right, 40);
  EXPECT_EQ(score.missing.right, 5);
  EXPECT_EQ(score.missing.wrong + score.missing.missed, 0);
  EXPECT_EQ(score.row_ari, 1);
  EXPECT_EQ(score.area_errors, std::vector<double>(40, 0));
}

TEST(SurveyScore, a_gap_where_a_tree_was_overlooked_counts_neither_way) {
  const Survey truth = small();
  Survey found = truth;
  found.missing[0].position = found.trees[3].position;
  found.missing[1].position = {16, 7.5};
  found.missing[2].position.x += 0.3;
  found.trees.erase(found.trees.begin() + 3);
  const SurveyScore score = score_survey(truth, found, pair_by_position(truth, found, 0.5));
  EXPECT_EQ(score.overlooked, 1);
  EXPECT_EQ(score.missing.right, 3);
  EXPECT_EQ(score.missing.wrong, 1);
  EXPECT_EQ(score.missing.missed, 2);
  EXPECT_EQ(score.trees.missed, 1);
  EXPECT_NEAR(
      *std::max_element(score.missing_errors_m.begin(), score.missing_errors_m.end()), 0.3, 1e-9);
}

TEST(SurveyScore, dead_and_poor_trees_are_counted_among_pairs) {
  Survey truth = small();
  truth.trees[0].status = truth.trees[1].status = TreeStatus::Dead;
  truth.trees[5].health_class = HealthClass::Poor;
  Survey found = truth;
  found.trees[1].status = TreeStatus::Alive;
  found.trees[2].status = TreeStatus::Dead;
  found.trees[6].health_class = HealthClass::Poor;
  const SurveyScore score = score_survey(truth, found, pair_by_position(truth, found, 0.5));
  EXPECT_EQ(score.dead.right, 1);
  EXPECT_EQ(score.dead.wrong, 1);
  EXPECT_EQ(score.dead.missed, 1);
  EXPECT_EQ(score.poor.right, 1);
  EXPECT_EQ(score.poor.wrong, 1);
}

TEST(SurveyScore, in_a_square_planting_columns_are_as_good_as_rows) {
  SyntheticOptions options;
  options.preset = "square";
  const SyntheticOrchard orchard(options);
  Survey truth;
  truth.blocks = orchard.blocks();
  for (const SyntheticTree& t : orchard.trees()) {
    Tree tree;
    tree.id = t.id;
    tree.position = t.position;
    tree.block = t.block;
    tree.row_index = t.row_index;
    truth.trees.push_back(tree);
  }
  Survey found = truth;
  const RowFrame frame = row_frame(truth.blocks[0].row_angle_deg);
  const Point first = truth.trees[0].position;
  for (Tree& tree : found.trees)
    tree.row_index =
        1000 + static_cast<int>(std::lround(((tree.position.x - first.x) * frame.along.x +
                                             (tree.position.y - first.y) * frame.along.y) /
                                            truth.blocks[0].tree_spacing_m));
  const auto pairs = pair_by_position(truth, found, 0.5);
  EXPECT_GE(score_survey(truth, found, pairs).row_ari, 0.95);
  truth.blocks[0].pattern = "rectangular";
  EXPECT_LE(score_survey(truth, found, pairs).row_ari, 0.1);
}

TEST(SurveyScore, labels_that_scramble_everything_agree_by_chance_alone) {
  EXPECT_EQ(adjusted_rand({1, 1, 2, 2}, {7, 7, 9, 9}), 1);
  EXPECT_LE(adjusted_rand({1, 1, 2, 2}, {7, 9, 7, 9}), 0);
}

}  // namespace
}  // namespace canopy
