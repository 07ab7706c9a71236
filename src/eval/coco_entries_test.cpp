// SPDX-License-Identifier: Apache-2.0
#include "eval/coco_entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Form = CocoShape::Form;

std::string file_of(const std::string& json) {
  const std::string path = ::testing::TempDir() + "coco_entries.json";
  write_file(path, json);
  return path;
}

CocoTruth truth_of(const std::string& json, CocoFields fields = CocoFields::Masks) {
  return read_coco_truth(file_of(json), fields);
}
std::vector<CocoEntry> results_of(const std::string& json, CocoFields fields = CocoFields::Masks) {
  return read_coco_results(file_of(json), fields);
}

/// What reading says of it.
template <class Read>
std::string complaint(const Read& read, const std::string& json) {
  try {
    read(json, CocoFields::Masks);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    return error.what();
  }
  return "";
}

TEST(CocoEntries, the_three_lists_of_a_truth_may_stand_in_any_order_among_others) {
  const CocoTruth truth = truth_of(R"({"info": {"id": [1, {"images": 2}]}, "annotations": [
      {"id": 4, "image_id": 9, "category_id": 2, "iscrowd": 1, "area": 12.5, "bbox": [1, 2, 3.5, 4],
       "extra": {"id": 7, "bbox": "none"}, "caption": "a tree", "segmentation": null}],
      "licenses": [], "images": [{"id": 9, "width": 20, "height": 10.0, "file_name": "a"}],
      "categories": [{"id": 2, "name": "tree"}, {"id": 3}]})");
  ASSERT_EQ(truth.annotations.size(), 1u);
  const CocoEntry& entry = truth.annotations[0];
  EXPECT_EQ(entry.id, 4);
  EXPECT_EQ(entry.image_id, 9);
  EXPECT_EQ(entry.category_id, 2);
  EXPECT_TRUE(entry.is_crowd);
  EXPECT_EQ(entry.area, 12.5);
  EXPECT_THAT(entry.box, ElementsAre(1, 2, 3.5, 4));
  EXPECT_EQ(entry.shape.form, Form::None);
  ASSERT_EQ(truth.images.size(), 1u);
  EXPECT_EQ(truth.images[0].height, 10);
  EXPECT_EQ(truth.categories.size(), 2u);
}

TEST(CocoEntries, a_segmentation_is_outlines_or_runs_or_text) {
  const auto results = results_of(R"([{"score": 1, "segmentation": [[1, 2, 3, 4, 5, 6.5], [7]]},
      {"segmentation": {"size": [4, 5], "counts": [3, 2, 15], "by": ["hand"]}},
      {"segmentation": {"counts": "3021<", "size": [4, 5]}}, {"image_id": -3}])");
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[0].score, 1);
  EXPECT_EQ(results[0].shape.form, Form::Outlines);
  EXPECT_THAT(results[0].shape.outlines,
              ElementsAre(ElementsAre(1, 2, 3, 4, 5, 6.5), ElementsAre(7)));
  EXPECT_EQ(results[1].shape.form, Form::Runs);
  EXPECT_THAT(results[1].shape.size, ElementsAre(4, 5));
  EXPECT_THAT(results[1].shape.runs, ElementsAre(3, 2, 15));
  EXPECT_EQ(results[2].shape.form, Form::Text);
  EXPECT_EQ(results[2].shape.text, "3021<");
  EXPECT_EQ(results[3].shape.form, Form::None);
  EXPECT_EQ(results[3].image_id, -3);
}

TEST(CocoEntries, of_what_stands_twice_the_last_counts) {
  const CocoTruth truth = truth_of(R"({"images": [{"id": 1}, {"id": 2}], "categories": [],
      "images": [{"id": 3, "bbox": [1, 2, 3, 4], "bbox": [5, 6, 7, 8],
                  "segmentation": {"size": [1, 2], "size": [3, 4]}}]})");
  ASSERT_EQ(truth.images.size(), 1u);
  EXPECT_EQ(truth.images[0].id, 3);
  EXPECT_THAT(truth.images[0].box, ElementsAre(5, 6, 7, 8));
  EXPECT_THAT(truth.images[0].shape.size, ElementsAre(3, 4));
}

TEST(CocoEntries, for_boxes_masks_are_passed_over_where_boxes_are_known) {
  const auto form_of_second = [](const std::string& first) {
    return results_of("[{" + first + R"("score": 1}, {"segmentation": [[1, 2, 3]]}])",
                      CocoFields::Boxes)[1]
        .shape.form;
  };
  EXPECT_EQ(form_of_second(R"("bbox": [1, 2, 3, 4], )"), Form::None);
  EXPECT_EQ(form_of_second(R"("bbox": [], )"), Form::Outlines);
  EXPECT_EQ(form_of_second(""), Form::Outlines);
  const CocoTruth truth =
      truth_of(R"({"annotations": [{"segmentation": {"counts": "3"}}]})", CocoFields::Boxes);
  EXPECT_EQ(truth.annotations[0].shape.form, Form::None);
}

TEST(CocoEntries, values_of_another_type_are_refused_by_place_and_name) {
  const auto of_annotation = [](const std::string& field) {
    return complaint(truth_of, R"({"annotations": [{}, {)" + field + "}]}");
  };
  const std::string place = "coco_entries.json: annotations[1]: ";
  EXPECT_THAT(of_annotation(R"("id": "seven")"), HasSubstr(place + "id must be a whole number"));
  EXPECT_THAT(of_annotation(R"("image_id": 1.5)"), HasSubstr("image_id must be a whole number"));
  EXPECT_THAT(of_annotation(R"("id": 18446744073709551615)"), HasSubstr("id must be a whole"));
  EXPECT_THAT(of_annotation(R"("area": [])"), HasSubstr("area must be a number"));
  EXPECT_THAT(of_annotation(R"("score": true)"), HasSubstr("score must be a number"));
  EXPECT_THAT(of_annotation(R"("iscrowd": {})"), HasSubstr("iscrowd must be 0 or 1"));
  EXPECT_THAT(of_annotation(R"("bbox": 5)"), HasSubstr("bbox must be a list of four"));
  EXPECT_THAT(of_annotation(R"("bbox": [1, null])"), HasSubstr("bbox must be a list of four"));
  EXPECT_THAT(of_annotation(R"("bbox": [[1, 2]])"), HasSubstr("bbox must be a list of four"));
  for (const char* wrong : {"3", "[1, 2]", "[[1, \"x\"]]", "[[[1]]]", "\"abc\"", "[{}]"})
    EXPECT_THAT(of_annotation(std::string(R"("segmentation": )") + wrong),
                HasSubstr(place + "segmentation must be outlines"))
        << wrong;
  EXPECT_THAT(of_annotation(R"("segmentation": {"size": 4})"), HasSubstr("size must be [height"));
  EXPECT_THAT(of_annotation(R"("segmentation": {"counts": [0.5]})"), HasSubstr("counts must be"));
  EXPECT_THAT(complaint(results_of, R"([{"score": "high"}])"),
              HasSubstr("results[0]: score must be a number"));
}

TEST(CocoEntries, a_file_of_another_kind_is_refused) {
  EXPECT_THAT(complaint(truth_of, "[]"), HasSubstr("must be an object with images"));
  EXPECT_THAT(complaint(truth_of, "5"), HasSubstr("must be an object with images"));
  EXPECT_THAT(complaint(results_of, "{}"), HasSubstr("must be a list of"));
  EXPECT_THAT(complaint(truth_of, R"({"images": {}})"), HasSubstr("json: images must be a list"));
  EXPECT_THAT(complaint(truth_of, R"({"images": [{}, 5]})"), HasSubstr("images[1] must be an obj"));
  EXPECT_THAT(complaint(results_of, "[{}, []]"), HasSubstr("results[1] must be an object"));
  EXPECT_THAT(complaint(results_of, R"([{"score": NaN}])"),
              HasSubstr("is not JSON (near byte 12)"));
  EXPECT_THAT(complaint(results_of, "[{}"), HasSubstr("is not JSON"));
  EXPECT_THAT(complaint(results_of, "[] []"), HasSubstr("is not JSON"));
}

TEST(CocoEntries, a_file_that_is_not_there_is_named) {
  try {
    read_coco_results("/nowhere/results.json", CocoFields::Masks);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::NotFound);
    EXPECT_THAT(error.what(), HasSubstr("/nowhere/results.json"));
  }
}

}  // namespace
}  // namespace canopy
