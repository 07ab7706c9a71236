// SPDX-License-Identifier: Apache-2.0
#include "eval/counts.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

FoundTree at(double x, double score, double width = 10) {
  return {{x, 0, width, 10}, {}, score, 1};
}
TruthTree tree_at(double x) { return {{x, 0, 10, 10}, {}, 100, 1, false}; }

/// Trees at 0, 20 and 40; the first found twice, the second found as dead, the third not, one
/// invented at 60.
Scene three_trees() {
  Scene scene;
  scene.truth = {tree_at(0), tree_at(20), tree_at(40)};
  scene.found = {at(0, 0.9), at(1, 0.8), at(20, 0.7), at(60, 0.6)};
  scene.found[2].category = 2;
  return scene;
}

TEST(Counts, a_tree_found_twice_is_right_once_and_wrong_once) {
  const Counts counts = count(three_trees(), {Overlap::Box, 0.5}, 0);
  EXPECT_EQ(counts.right, 2);
  EXPECT_EQ(counts.wrong, 2);
  EXPECT_EQ(counts.missed, 1);
  EXPECT_DOUBLE_EQ(counts.precision(), 0.5);
  EXPECT_DOUBLE_EQ(counts.recall(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(counts.f1(), 4.0 / 7);
  EXPECT_DOUBLE_EQ(counts.count_error(), 1.0 / 3);
}

TEST(Counts, findings_below_the_score_are_not_there) {
  const Counts counts = count(three_trees(), {Overlap::Box, 0.5}, 0.65);
  EXPECT_EQ(counts.right, 2);
  EXPECT_EQ(counts.wrong, 1);
}

TEST(Counts, of_two_overlaps_the_larger_is_taken) {
  Scene scene;
  scene.truth = {tree_at(0), tree_at(4)};
  scene.found = {at(3, 0.9), at(0, 0.8)};
  const auto judged = judge(scene, {Overlap::Box, 0.4});
  EXPECT_EQ(judged[0].truth, 1);
  EXPECT_EQ(judged[1].truth, 0);
}

TEST(Counts, crowds_and_ignore_regions_count_neither_way) {
  Scene scene = three_trees();
  scene.truth[2].is_crowd = true;
  scene.found.push_back(at(42, 0.5, 5));
  scene.ignore = rle_of_patch(std::vector<std::uint8_t>(20 * 20, 1), 20, 20, 55, 0, 20, 100);
  const Counts counts = count(scene, {Overlap::Box, 0.5}, 0);
  EXPECT_EQ(counts.right, 2);
  EXPECT_EQ(counts.wrong, 1);
  EXPECT_EQ(counts.missed, 0);
}

TEST(Counts, a_finding_with_its_centre_or_half_of_it_in_an_ignore_region_does_not_count) {
  Scene scene;
  const auto wrong_at = [&](double x, double width) {
    scene.found = {at(x, 0.9, width)};
    return count(scene, {Overlap::Box, 0.5}, 0).wrong;
  };
  // A strip from 20 to 30 and another from 34 to 40.
  std::vector<std::uint8_t> mask(20 * 100);
  for (std::size_t y = 0; y < 20; ++y)
    for (std::size_t x = 20; x < 40; ++x) mask[y * 100 + x] = x < 30 || x >= 34;
  scene.ignore = rle_of_mask(mask, 20, 100);
  EXPECT_EQ(wrong_at(15, 10), 0) << "exactly half";
  EXPECT_EQ(wrong_at(14, 10), 1) << "four tenths";
  EXPECT_EQ(wrong_at(23, 30), 0) << "less than half, but the centre";
  EXPECT_EQ(wrong_at(22, 20), 0) << "the centre in the gap, but more than half";
}

TEST(Counts, ratios_of_nothing_are_zero) {
  EXPECT_EQ(Counts{}.precision(), 0);
  EXPECT_EQ(Counts{}.f1(), 0);
  EXPECT_EQ(Counts{}.count_error(), 0);
  EXPECT_EQ((Counts{.wrong = 2}.count_error()), 1);
}

TEST(Counts, area_error_is_over_matched_pairs) {
  Scene scene = three_trees();
  scene.found = {at(0, 0.9, 12), at(20, 0.8, 9), at(40, 0.7, 10), at(60, 0.6)};
  const AreaError error = area_error(std::vector{scene}, {Overlap::Box, 0.5}, 0.5);
  EXPECT_EQ(error.pairs, 3);
  EXPECT_NEAR(error.median_relative, 0.1, 1e-12);
  EXPECT_NEAR(error.bias_relative, 10.0 / 300, 1e-12);
  EXPECT_EQ(area_error(std::vector{scene}, {Overlap::Box, 0.5}, 0.99).pairs, 0);
}

TEST(Counts, the_best_threshold_lies_between_the_last_right_and_the_first_wrong) {
  Scene scene = three_trees();
  scene.found = {at(0, 0.9), at(20, 0.8), at(60, 0.4)};
  const ScoreChoice best = best_score_threshold(std::vector{scene}, {Overlap::Box, 0.5});
  EXPECT_NEAR(best.threshold, 0.6, 1e-12);
  EXPECT_NEAR(best.f1, 0.8, 1e-12);
  const Counts there = count(scene, {Overlap::Box, 0.5}, best.threshold);
  EXPECT_NEAR(there.f1(), best.f1, 1e-12);
}

TEST(Counts, among_thresholds_that_are_as_good_the_middle_one_is_chosen) {
  Scene scene = three_trees();
  scene.found = {at(0, 0.95), at(20, 0.94), at(40, 0.93), at(60, 0.1)};
  const ScoreChoice best = best_score_threshold(std::vector{scene}, {Overlap::Box, 0.5});
  EXPECT_NEAR(best.threshold, (0.93 + 0.1) / 2, 1e-12);
  EXPECT_NEAR(best.f1, 1, 1e-12);
}

TEST(Counts, the_default_threshold_stays_where_nothing_matches) {
  Scene scene = three_trees();
  scene.found = {at(80, 0.9)};
  EXPECT_EQ(best_score_threshold(std::vector{scene}, {Overlap::Box, 0.5}).threshold, 0.5);
}

TEST(Counts, an_impossible_overlap_is_refused) {
  EXPECT_THROW(judge(three_trees(), {Overlap::Box, 0}), Error);
  EXPECT_THROW(judge(three_trees(), {Overlap::Box, 1.5}), Error);
}

}  // namespace
}  // namespace canopy
