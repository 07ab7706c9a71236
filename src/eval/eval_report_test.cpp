// SPDX-License-Identifier: Apache-2.0
#include "eval/eval_report.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

Rle square(int x, int edge) {
  return rle_of_patch(std::vector<std::uint8_t>(static_cast<std::size_t>(edge) * edge, 1),
                      edge,
                      edge,
                      x,
                      0,
                      20,
                      100);
}

std::vector<Scene> scenes(bool with_masks) {
  Scene scene;
  for (const int x : {0, 30}) {
    scene.truth.push_back({{static_cast<double>(x), 0, 10, 10}, {}, 100, 1, false});
    if (with_masks) scene.truth.back().mask = square(x, 10);
    scene.found.push_back({{static_cast<double>(x), 0, 9, 9}, square(x, 9), 0.9, 1});
  }
  scene.found.push_back({{60, 0, 9, 9}, square(60, 9), 0.3, 1});
  return {scene, Scene{}, scene};
}

TEST(EvalReport, tells_boxes_masks_counts_and_areas) {
  const EvalReport report = make_report(scenes(true), {});
  ASSERT_TRUE(report.mask.has_value());
  EXPECT_EQ(report.box.pictures, 3);
  EXPECT_EQ(report.box.truth, 4);
  EXPECT_EQ(report.box.found, 4);
  EXPECT_EQ(report.trees.f1.value, 1);
  EXPECT_NEAR(report.mask->area.median_relative, 0.19, 1e-12);
  EXPECT_NEAR(report.mask->area.bias_relative, -0.19, 1e-12);
  EXPECT_EQ(report.box.count_error.value, 0);
  const auto json = to_json(report);
  EXPECT_EQ(json["trees"]["recall"]["value"], 1);
  EXPECT_EQ(json["mask"]["ap50"]["value"], report.mask->coco.ap50);
}

TEST(EvalReport, box_truth_gives_box_figures_only) {
  const EvalReport report = make_report(scenes(false), {.resamples = 0});
  EXPECT_FALSE(report.mask.has_value());
  EXPECT_TRUE(to_json(report)["mask"].is_null());
  EXPECT_EQ(report.trees.counts.right, report.box.at_40.counts.right);
}

TEST(EvalReport, a_low_threshold_lets_inventions_in) {
  const EvalReport report = make_report(scenes(true), {.score_threshold = 0.1});
  EXPECT_NEAR(report.trees.precision.value, 4.0 / 6, 1e-12);
  EXPECT_NEAR(report.box.count_error.value, 0.5, 1e-12);
  EXPECT_NEAR(report.box.count_error_per_picture, 2.0 / 3, 1e-12);
  EXPECT_LE(report.trees.precision.low, report.trees.precision.value);
}

TEST(EvalReport, one_picture_is_resampled_by_its_trees) {
  std::vector<Scene> one = {scenes(true)[0]};
  for (int i = 0; i < 8; ++i) {  // eight more trees, found too narrow by 1 to 8 px
    const double x = 10 * i, width = 10 - i;
    one[0].truth.push_back({{x, 10, 10, 10}, square(0, 10), 100, 1, false});
    one[0].found.push_back({{x, 10, width, 10}, square(0, 9), 0.8, 1});
  }
  const OverlapFigures& box = make_report(one, {}).box;
  EXPECT_EQ(box.pictures, 1);
  EXPECT_EQ(box.at_50.counts.right, 2 + 6);
  EXPECT_LT(box.at_50.f1.low, box.at_50.f1.value);
  EXPECT_GT(box.at_50.f1.high, box.at_50.f1.value);
  EXPECT_LT(box.ap50.low, box.ap50.high);
  EXPECT_LE(box.area_error.low, box.area.median_relative);
  EXPECT_GE(box.area_error.high, box.area.median_relative);
  EXPECT_LT(box.area_error.low, box.area_error.high);
}

TEST(EvalReport, points_give_point_figures_beside_those_of_other_pictures) {
  Scene points;
  points.has_points = true;
  points.truth = {{{5, 5, 0, 0}, {}, 0, 1, false}, {{50, 5, 0, 0}, {}, 0, 1, false}};
  points.found = {{{0, 0, 10, 12}, square(0, 9), 0.9, 1}};
  const EvalReport alone = make_report(std::vector{points}, {.point_distance_px = 3});
  EXPECT_EQ(alone.box.pictures, 0);
  EXPECT_TRUE(to_json(alone)["box"].is_null());
  ASSERT_TRUE(alone.point.has_value());
  EXPECT_EQ(alone.point->trees.counts.right, 1);
  EXPECT_EQ(alone.trees.counts.missed, 1);
  EXPECT_EQ(to_json(alone)["point"]["distance_px"], 3);
  EXPECT_EQ(make_report(std::vector{points}, {.point_distance_px = 0.1}).trees.counts.right, 0);

  std::vector<Scene> mixed = scenes(true);
  mixed.push_back(points);
  const EvalReport report = make_report(mixed, {});
  EXPECT_EQ(report.box.pictures, 3);
  EXPECT_EQ(report.point->pictures, 1);
  EXPECT_EQ(report.trees.counts.right, report.mask->at_50.counts.right);
  EXPECT_TRUE(to_json(make_report(scenes(true), {}))["point"].is_null());
}

TEST(EvalReport, impossible_requests_are_refused) {
  EXPECT_THROW(make_report({}, {}), Error);
  EXPECT_THROW(make_report(scenes(true), {.score_threshold = 2}), Error);
  EXPECT_THROW(make_report(scenes(true), {.max_found = 0}), Error);
  EXPECT_THROW(make_report(scenes(true), {.point_distance_px = 0}), Error);
  EXPECT_THROW(make_report(scenes(true), {.resamples = -1}), Error);
  EXPECT_THROW(make_report(scenes(true), {.threads = 0}), Error);
}

}  // namespace
}  // namespace canopy
