// SPDX-License-Identifier: Apache-2.0
#include "eval/coco_matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canopy {
namespace {

using ::testing::ElementsAre;

constexpr int kAll = 0, kSmall = 1, kMedium = 2;
constexpr std::uint16_t kEvery = (1 << kCocoThresholds) - 1;

TruthTree truth(CocoBox box, int category = 1) {
  return {box, {}, box.width * box.height, category, false};
}
FoundTree found(CocoBox box, double score, int category = 1) { return {box, {}, score, category}; }

std::vector<CocoMatches> matches(const Scene& scene, int most = 100) {
  return coco_matches(scene, 7, Overlap::Box, most);
}

TEST(CocoMatching, a_match_holds_up_to_the_thresholds_that_its_overlap_reaches) {
  Scene scene;
  scene.truth = {truth({0, 0, 10, 20})};
  scene.found = {found({0, 0, 10, 15}, 0.9)};  // IoU .75, exactly
  const auto parts = matches(scene);
  EXPECT_EQ(parts[0].found[0].matched[kAll], 0b111111);
  EXPECT_EQ(parts[0].found[0].uncounted[kAll], 0);
}

TEST(CocoMatching, the_better_score_takes_the_truth) {
  Scene scene;
  scene.truth = {truth({0, 0, 10, 10})};
  scene.found = {found({0, 0, 10, 10}, 0.3), found({0, 0, 10, 9}, 0.8)};
  const auto parts = matches(scene);
  EXPECT_EQ(parts[0].found[0].score, 0.8);
  EXPECT_EQ(parts[0].found[0].matched[kAll], kEvery >> 1);  // IoU .9
  EXPECT_EQ(parts[0].found[1].matched[kAll], 1 << 9) << "free at .95 alone";
}

TEST(CocoMatching, limits_and_ranks_are_by_category) {
  Scene scene;
  for (const int category : {0, 1, 0, 1, 0})
    scene.found.push_back(
        found({0, 0, 5, 5}, 0.1 * static_cast<double>(scene.found.size()), category));
  const auto parts = matches(scene, 2);
  ASSERT_EQ(parts.size(), 2u);
  for (const CocoMatches& part : parts) {
    ASSERT_EQ(part.found.size(), 2u) << "category " << part.category;
    EXPECT_THAT((std::array{part.found[0].rank, part.found[1].rank}), ElementsAre(0, 1));
    EXPECT_EQ(part.found[0].scene, 7);
  }
  EXPECT_EQ(parts[0].found[0].score, 0.4);
  EXPECT_EQ(parts[0].found[1].score, 0.2);
}

TEST(CocoMatching, a_crowd_takes_any_number_and_none_of_them_counts) {
  Scene scene;
  scene.truth = {truth({0, 0, 50, 50})};
  scene.truth[0].is_crowd = true;
  scene.found = {found({0, 0, 5, 5}, 0.9), found({20, 20, 5, 5}, 0.8)};
  const auto parts = matches(scene);
  EXPECT_EQ(parts[0].truths[0].counted[kAll], 0);
  for (const CocoMatch& match : parts[0].found) EXPECT_EQ(match.uncounted[kAll], kEvery);
}

TEST(CocoMatching, a_truth_that_counts_goes_before_a_crowd_with_more_overlap) {
  Scene scene;
  scene.truth = {truth({0, 0, 50, 50}), truth({0, 0, 10, 12})};
  scene.truth[0].is_crowd = true;
  scene.found = {found({0, 0, 10, 10}, 0.9)};  // in the crowd wholly
  const auto parts = matches(scene);
  EXPECT_EQ(parts[0].found[0].matched[kAll], kEvery);
  EXPECT_EQ(parts[0].found[0].uncounted[kAll], 0b1110000000) << "counts up to IoU .8";
}

TEST(CocoMatching, limits_of_area_belong_to_both_sides) {
  Scene scene;
  scene.truth = {truth({0, 0, 32, 32}), truth({100, 0, 33, 32})};
  scene.found = {found({200, 0, 32, 32}, 0.9), found({200, 50, 33, 32}, 0.8)};
  const auto parts = matches(scene);
  EXPECT_THAT(parts[0].truths[0].counted, ElementsAre(2, 1, 2, 0));
  EXPECT_EQ(parts[0].found[0].uncounted[kSmall], 0);
  EXPECT_EQ(parts[0].found[0].uncounted[kMedium], 0);
  EXPECT_EQ(parts[0].found[1].uncounted[kSmall], kEvery);
}

TEST(CocoMatching, of_equal_overlaps_the_last_is_taken) {
  Scene scene;
  scene.truth = {truth({0, 0, 10, 10}), truth({0, 0, 10, 10})};
  scene.truth[1].is_number_zero = true;
  scene.found = {found({0, 0, 10, 10}, 0.9), found({0, 0, 10, 10}, 0.8)};
  const auto parts = matches(scene);
  EXPECT_EQ(parts[0].found[0].matched[kAll], 0) << "a match with number 0 is none";
  EXPECT_EQ(parts[0].found[1].matched[kAll], kEvery);
}

TEST(CocoMatching, thresholds_are_those_of_numpy) {
  EXPECT_EQ(linspace(0.5, 0.95, 10, 9), 0.95);
  EXPECT_EQ(linspace(0, 1, 101, 29), 0.29);
  EXPECT_EQ(linspace(0.5, 0.95, 10, 8), 0.8999999999999999);
}

}  // namespace
}  // namespace canopy
