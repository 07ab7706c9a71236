// SPDX-License-Identifier: Apache-2.0
#include "eval/point_match.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

TruthTree point_at(double x, double y) { return {{x, y, 0, 0}, {}, 0, 1, false}; }
FoundTree found_at(double x, double y, double score = 0.9) {
  return {{x - 4, y - 3, 8, 6}, {}, score, 1};
}

TEST(PointMatch, a_finding_is_right_up_to_the_distance_and_not_beyond) {
  Scene scene;
  scene.truth = {point_at(50, 50)};
  scene.found = {found_at(56, 58)};
  EXPECT_EQ(count_points(scene, 10, 0).right, 1);
  EXPECT_EQ(count_points(scene, 9.9, 0).right, 0);
  EXPECT_EQ(count_points(scene, 9.9, 0).missed, 1);
  EXPECT_EQ(count_points(scene, 9.9, 0).wrong, 1);
}

TEST(PointMatch, a_point_makes_one_finding_right) {
  Scene scene;
  scene.truth = {point_at(50, 50)};
  scene.found = {found_at(51, 50), found_at(49, 50)};
  const Counts counts = count_points(scene, 10, 0);
  EXPECT_EQ(counts.right, 1);
  EXPECT_EQ(counts.wrong, 1);
  EXPECT_EQ(counts.missed, 0);
}

TEST(PointMatch, no_pair_is_lost_to_a_greedy_choice) {
  // The first finding is nearest to the second point, which is the only one that suits the second
  // finding.
  Scene scene;
  scene.truth = {point_at(40, 50), point_at(52, 50)};
  scene.found = {found_at(48, 50), found_at(61, 50, 0.8)};
  EXPECT_EQ(count_points(scene, 10, 0).right, 2);
}

TEST(PointMatch, a_tree_with_a_mask_stands_where_its_mask_is) {
  Scene scene;
  scene.truth = {point_at(12, 12)};
  scene.found = {found_at(50, 50)};
  scene.found[0].mask = rle_of_patch(std::vector<std::uint8_t>(16, 1), 4, 4, 10, 10, 100, 100);
  EXPECT_EQ(count_points(scene, 1, 0).right, 1);
}

TEST(PointMatch, what_lies_in_an_ignore_region_counts_neither_way_unless_it_is_right) {
  Scene scene;
  scene.truth = {point_at(20, 20)};
  scene.found = {found_at(20, 20), found_at(30, 30), found_at(80, 80)};
  scene.ignore = rle_of_patch(std::vector<std::uint8_t>(50 * 50, 1), 50, 50, 0, 0, 100, 100);
  const Counts counts = count_points(scene, 5, 0);
  EXPECT_EQ(counts.right, 1);
  EXPECT_EQ(counts.wrong, 1);
}

TEST(PointMatch, findings_below_the_score_are_not_there) {
  Scene scene;
  scene.truth = {point_at(20, 20)};
  scene.found = {found_at(20, 20, 0.4)};
  const Counts counts = count_points(scene, 5, 0.5);
  EXPECT_EQ(counts.found(), 0);
  EXPECT_EQ(counts.missed, 1);
}

TEST(PointMatch, a_distance_that_is_not_positive_is_refused) {
  EXPECT_THROW(count_points({}, 0, 0.5), Error);
}

}  // namespace
}  // namespace canopy
