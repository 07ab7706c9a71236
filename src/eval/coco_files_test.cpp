// SPDX-License-Identifier: Apache-2.0
#include "eval/coco_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "eval/coco_eval.h"

namespace canopy {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kFolder = std::string(CANOPY_EVAL_TESTDATA) + "/coco_files/";

TEST(CocoFiles, give_the_figures_of_pycocotools_to_the_last_bit) {
  for (const Json& expected : Json::parse(read_file(kFolder + "figures.json"))) {
    const std::string file = expected.at("results"), word = expected.at("kind");
    const Overlap kind = word == "bbox" ? Overlap::Box : Overlap::Mask;
    const CocoCase files = read_coco_case(kFolder + "truth.json", kFolder + file, kind, 2);
    const auto figures = CocoEvaluation(files.scenes, kind).figures().all();
    for (std::size_t i = 0; i < figures.size(); ++i)
      EXPECT_EQ(figures[i], expected.at("figures")[i].get<double>())
          << file << " " << word << " figure " << i;
  }
}

TEST(CocoFiles, what_is_left_out_and_a_number_0_are_told) {
  const CocoCase files =
      read_coco_case(kFolder + "truth.json", kFolder + "boxes.json", Overlap::Box, 1);
  ASSERT_EQ(files.notes.size(), 3u);
  EXPECT_THAT(files.notes[0], HasSubstr("annotations are of images or categories"));
  EXPECT_THAT(files.notes[1], HasSubstr("the annotation with id 0"));
  EXPECT_THAT(files.notes[2], HasSubstr("results are of categories"));
  EXPECT_THAT(files.categories, ElementsAre(3, 7, 12, 90));
}

/// A truth of two images of 10 x 8 px (width x height) with one tree, and one result, as JSON that
/// a test spoils.
struct Files {
  Json truth = Json::parse(R"({
      "images": [{"id": 5, "width": 10, "height": 8}, {"id": 2, "width": 10, "height": 8}],
      "categories": [{"id": 1}],
      "annotations": [{"id": 1, "image_id": 5, "category_id": 1, "area": 20, "bbox": [1, 1, 4, 5],
                       "segmentation": [[1, 1, 1, 6, 5, 6, 5, 1]]}]})");
  Json results = Json::parse(R"([{"image_id": 5, "category_id": 1, "score": 0.5,
      "segmentation": {"size": [8, 10], "counts": [9, 5, 3, 5, 58]}}])");
  Json& annotation() { return truth["annotations"][0]; }
  Json& result() { return results[0]; }

  CocoCase read(Overlap kind = Overlap::Mask) const {
    const std::string folder = ::testing::TempDir() + "coco_files_";
    write_file(folder + "truth.json", truth.dump());
    write_file(folder + "results.json", results.dump());
    return read_coco_case(folder + "truth.json", folder + "results.json", kind, 1);
  }
  std::string complaint(Overlap kind = Overlap::Mask) const {
    try {
      read(kind);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User);
      return error.what();
    }
    return "";
  }
};

TEST(CocoFiles, scenes_are_all_images_by_ascending_number) {
  const CocoCase files = Files().read();
  ASSERT_EQ(files.scenes.size(), 2u);
  EXPECT_EQ(files.scenes[0].name, "image 2");
  EXPECT_TRUE(files.scenes[0].truth.empty());
  ASSERT_EQ(files.scenes[1].truth.size(), 1u);
  ASSERT_EQ(files.scenes[1].found.size(), 1u);
  EXPECT_EQ(area_px(files.scenes[1].truth[0].mask), 20);
  EXPECT_TRUE(files.notes.empty());
}

TEST(CocoFiles, a_result_without_a_box_has_that_of_its_mask_and_the_masks_area) {
  const CocoCase files = Files().read(Overlap::Box);
  const FoundTree& found = files.scenes[1].found[0];
  EXPECT_EQ(found.box.x, 1);
  EXPECT_EQ(found.box.width, 2);
  EXPECT_EQ(found.box.height, 5);
  EXPECT_EQ(found.area_px, 10);
}

TEST(CocoFiles, a_result_without_a_mask_is_its_box_drawn) {
  Files files;
  files.result().erase("segmentation");
  files.result()["bbox"] = {1, 1, 4, 5};
  const CocoCase read = files.read();
  EXPECT_EQ(read.scenes[1].found[0].mask.counts, read.scenes[1].truth[0].mask.counts);
  EXPECT_EQ(read.scenes[1].found[0].area_px, 20);
}

TEST(CocoFiles, without_results_nothing_is_found) {
  Files files;
  files.results = Json::array();
  EXPECT_EQ(CocoEvaluation(files.read().scenes, Overlap::Mask).figures().ap, 0);
}

TEST(CocoFiles, what_an_annotation_lacks_is_named) {
  for (const char* field : {"image_id", "category_id", "area"}) {
    Files files;
    files.annotation().erase(field);
    EXPECT_THAT(files.complaint(),
                HasSubstr(std::string("truth.json: annotations[0]: has no ") + field));
  }
  Files files;
  files.annotation().erase("segmentation");
  EXPECT_THAT(files.complaint(), HasSubstr("annotations[0]: has no segmentation; add one, or"));
  EXPECT_EQ(files.complaint(Overlap::Box), "");
  files.annotation().erase("bbox");
  EXPECT_THAT(files.complaint(Overlap::Box), HasSubstr("annotations[0]: has a bbox of 0 numbers"));
  files.annotation()["segmentation"] = Json::array();
  EXPECT_THAT(files.complaint(), HasSubstr("annotations[0]: has a segmentation without outlines"));
}

TEST(CocoFiles, what_a_result_lacks_is_named) {
  for (const char* field : {"image_id", "category_id", "score"}) {
    Files files;
    files.result().erase(field);
    EXPECT_THAT(files.complaint(),
                HasSubstr(std::string("results.json: results[0]: has no ") + field));
  }
  Files files;
  files.results.push_back({{"image_id", 5}, {"category_id", 1}, {"score", 1}});
  EXPECT_THAT(files.complaint(), HasSubstr("results[1]: has neither segmentation nor"));
  files.result()["bbox"] = {1, 2, 3, 4};
  EXPECT_THAT(files.complaint(), HasSubstr("results[1]: has a bbox of 0 numbers; give four"));
}

TEST(CocoFiles, masks_must_be_of_the_images_size_and_fill_it) {
  Files files;
  files.result()["segmentation"]["size"] = {10, 8};
  EXPECT_THAT(files.complaint(), HasSubstr("must have \"size\": [8, 10] (height, width)"));
  files.result()["segmentation"] = {{"size", {8, 10}}, {"counts", {9, 5}}};
  EXPECT_THAT(files.complaint(), HasSubstr("results[0]: run lengths sum to 14"));
  files.result()["segmentation"]["counts"] = "not runs";
  EXPECT_THAT(files.complaint(), HasSubstr("results[0]: compressed run lengths"));
  for (const Json& width : {Json(), Json(0), Json(-4), Json(4e15)}) {
    files.truth["images"][0]["width"] = width;
    EXPECT_THAT(files.complaint(), HasSubstr("cannot have a mask, since image 5 has no width"));
  }
}

TEST(CocoFiles, numbers_are_given_once) {
  Files files;
  files.truth["annotations"].push_back(files.annotation());
  EXPECT_THAT(files.complaint(), HasSubstr("annotations[1]: has id 1 like one before it"));
  files.truth["images"][1]["id"] = 5;
  EXPECT_THAT(files.complaint(), HasSubstr("image 5 is there twice"));
}

TEST(CocoFiles, a_truth_lists_its_images_and_categories) {
  Files files;
  files.result()["image_id"] = 7;
  EXPECT_THAT(files.complaint(), HasSubstr("results[0]: is of image 7, which"));
  files.truth["categories"] = Json::array();
  EXPECT_THAT(files.complaint(), HasSubstr("has no categories; a COCO truth lists them"));
  files.truth.erase("images");
  EXPECT_THAT(files.complaint(), HasSubstr("has no images; a COCO truth lists them"));
}

}  // namespace
}  // namespace canopy
