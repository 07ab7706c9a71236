// SPDX-License-Identifier: Apache-2.0
#include "eval/coco_eval.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "eval/overlap.h"

namespace canopy {
namespace {

using Json = nlohmann::json;

Json coco_case() {
  return Json::parse(read_file(std::string(CANOPY_EVAL_TESTDATA) + "/coco_case.json"));
}

Rle mask_from(const Json& annotation) {
  const Json& code = annotation.at("segmentation");
  return rle_from_compressed(code.at("counts"), code.at("size")[0], code.at("size")[1]);
}

CocoBox box_from(const Json& annotation) {
  const Json& box = annotation.at("bbox");
  return {box[0], box[1], box[2], box[3]};
}

std::vector<Scene> scenes_of(const Json& json) {
  std::vector<Scene> scenes(json.at("pictures").get<std::size_t>());
  for (const Json& tree : json.at("truth"))
    scenes[tree.at("image_id").get<std::size_t>() - 1].truth.push_back({box_from(tree),
                                                                        mask_from(tree),
                                                                        tree.at("area"),
                                                                        tree.at("category_id"),
                                                                        tree.at("iscrowd") == 1});
  for (const Json& tree : json.at("found"))
    scenes[tree.at("image_id").get<std::size_t>() - 1].found.push_back(
        {box_from(tree), mask_from(tree), tree.at("score"), tree.at("category_id")});
  return scenes;
}

TEST(CocoEval, gives_the_figures_of_pycocotools) {
  const Json json = coco_case();
  const std::vector<Scene> scenes = scenes_of(json);
  for (const Json& expected : json.at("expected")) {
    const Overlap kind = expected.at("kind") == "bbox" ? Overlap::Box : Overlap::Mask;
    const CocoEvaluation evaluation(
        scenes,
        kind,
        {.max_found = expected.at("max_found").get<std::array<int, 3>>(), .threads = 2});
    const auto figures = evaluation.figures().all();
    for (std::size_t i = 0; i < figures.size(); ++i)
      EXPECT_EQ(figures[i], expected.at("figures")[i].get<double>())
          << expected.at("kind") << " figure " << i;
  }
}

TEST(CocoEval, mask_overlaps_are_those_of_pycocotools) {
  const Json json = coco_case();
  Scene scene;
  std::vector<int> five = {0, 1, 2, 3, 4};
  for (const int i : five) {
    const Json &truth = json.at("truth")[i], &found = json.at("found")[i];
    scene.truth.push_back({box_from(truth), mask_from(truth), 0, 1, truth.at("iscrowd") == 1});
    scene.found.push_back({box_from(found), mask_from(found), 1, 1});
  }
  const auto pairs = overlaps(scene, five, {.kind = Overlap::Mask, .any_category = true});
  for (const int f : five)
    for (const int t : five) {
      double iou = 0;
      for (const OverlapPair& pair : pairs[f])
        if (pair.truth == t) iou = pair.iou;
      EXPECT_DOUBLE_EQ(iou, json.at("first_mask_ious")[f][t].get<double>());
    }
}

/// One tree of 10 x 10 px at (10, 10), found exactly and once more elsewhere.
Scene one_tree_and_an_invention() {
  Scene scene;
  scene.truth.push_back({{10, 10, 10, 10}, {}, 100, 1, false});
  scene.found.push_back({{40, 40, 10, 10}, {}, 0.9, 1});
  scene.found.push_back({{10, 10, 10, 10}, {}, 0.8, 1});
  return scene;
}

TEST(CocoEval, an_invention_inside_an_ignore_region_does_not_count) {
  Scene scene = one_tree_and_an_invention();
  EXPECT_NEAR(CocoEvaluation(std::vector{scene}, Overlap::Box).figures().ap50, 0.5, 1e-12);
  scene.ignore = rle_of_patch(std::vector<std::uint8_t>(100, 1), 10, 10, 42, 40, 64, 64);
  EXPECT_NEAR(CocoEvaluation(std::vector{scene}, Overlap::Box).figures().ap50, 1, 1e-12);
  scene.ignore = rle_of_patch(std::vector<std::uint8_t>(100, 1), 10, 10, 46, 40, 64, 64);
  EXPECT_NEAR(CocoEvaluation(std::vector{scene}, Overlap::Box).figures().ap50, 0.5, 1e-12)
      << "less than half of it is inside";
}

TEST(CocoEval, a_right_finding_inside_an_ignore_region_counts) {
  Scene scene = one_tree_and_an_invention();
  scene.ignore = rle_of_patch(std::vector<std::uint8_t>(64 * 64, 1), 64, 64, 0, 0, 64, 64);
  EXPECT_NEAR(CocoEvaluation(std::vector{scene}, Overlap::Box).figures().ap, 1, 1e-12);
}

TEST(CocoEval, without_truth_there_is_nothing_to_measure) {
  EXPECT_EQ(CocoEvaluation(std::vector<Scene>(2), Overlap::Box).figures().ap, -1);
}

TEST(CocoEval, a_sample_of_each_scene_once_is_the_whole) {
  const std::vector<Scene> scenes = scenes_of(coco_case());
  const CocoEvaluation evaluation(scenes, Overlap::Mask);
  const std::vector<int> once(scenes.size(), 1);
  EXPECT_EQ(evaluation.precision_of_sample(once).ap, evaluation.figures().ap);
  EXPECT_EQ(evaluation.precision_of_sample(once).ap50, evaluation.figures().ap50);
}

TEST(CocoEval, bad_options_and_scores_are_refused) {
  EXPECT_THROW(CocoEvaluation({}, Overlap::Box, {.max_found = {10, 1, 100}}), Error);
  Scene scene = one_tree_and_an_invention();
  scene.found[0].score = NAN;
  EXPECT_THROW(CocoEvaluation(std::vector{scene}, Overlap::Box), Error);
}

}  // namespace
}  // namespace canopy
