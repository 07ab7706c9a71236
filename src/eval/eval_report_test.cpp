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

TEST(EvalReport, impossible_requests_are_refused) {
  EXPECT_THROW(make_report({}, {}), Error);
  EXPECT_THROW(make_report(scenes(true), {.score_threshold = 2}), Error);
  EXPECT_THROW(make_report(scenes(true), {.max_found = 0}), Error);
  EXPECT_THROW(make_report(scenes(true), {.resamples = -1}), Error);
  EXPECT_THROW(make_report(scenes(true), {.threads = 0}), Error);
}

}  // namespace
}  // namespace canopy
