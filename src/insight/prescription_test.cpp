// SPDX-License-Identifier: Apache-2.0
#include "insight/prescription.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "base/hash.h"
#include "geo/crs.h"
#include "insight/survey_files.h"
#include "insight/survey_layers.h"
#include "orchard/grove.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Prescriptions : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("prescription_" +
               std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    survey_ = plant(R"(
        o o _ o
        o x o o )",
                    {.crs = "EPSG:32734"})
                  .survey();
    const Reprojection to_degrees(survey_.crs_wkt, "EPSG:4326");
    for (Tree& tree : survey_.trees) {
      const Point degrees = to_degrees(tree.position);
      tree.lng = degrees.x;
      tree.lat = degrees.y;
    }
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string refusal() {
    write_vector(folder_ / "trees.gpkg", layers_of(survey_));
    return error_of([&] { open_survey(folder_ / "trees.gpkg"); });
  }

  fs::path folder_;
  Survey survey_;
};

TEST_F(Prescriptions, a_survey_opens_from_its_folder_or_its_package) {
  write_survey(survey_, folder_ / "s");
  for (const fs::path& path : {folder_ / "s", folder_ / "s/trees.gpkg"}) {
    const Survey opened = open_survey(path);
    EXPECT_EQ(opened.trees.size(), 7u) << path;
    EXPECT_EQ(opened.missing.size(), 1u) << path;
    EXPECT_EQ(opened.rows.size(), 2u) << path;
    EXPECT_EQ(opened.blocks.size(), 1u) << path;
    EXPECT_TRUE(same_crs(opened.crs_wkt, "EPSG:32734")) << path;
  }
}

TEST_F(Prescriptions, what_is_no_survey_gets_one_clear_line) {
  EXPECT_THAT(error_of([&] { open_survey(folder_); }), HasSubstr("no survey.json here"));
  EXPECT_THAT(error_of([&] { open_survey(folder_ / "none.gpkg"); }), HasSubstr("no such file"));
  write_vector(folder_ / "other.gpkg", {layers_of(survey_)[1]});
  EXPECT_THAT(error_of([&] { open_survey(folder_ / "other.gpkg"); }),
              HasSubstr("has no layer 'trees'"));
}

TEST_F(Prescriptions, an_empty_survey_is_refused) {
  survey_.trees.clear();
  EXPECT_THAT(refusal(), HasSubstr("holds no tree"));
}

TEST_F(Prescriptions, a_survey_without_a_place_on_earth_is_refused) {
  survey_.crs_wkt.clear();
  EXPECT_THAT(refusal(), HasSubstr("has no CRS"));
}

TEST_F(Prescriptions, swapped_columns_are_named) {
  for (Tree& tree : survey_.trees) std::swap(tree.lat, tree.lng);
  EXPECT_THAT(refusal(), HasSubstr("tree 1: columns lat and lng are swapped"));
  for (Tree& tree : survey_.trees) std::swap(tree.lat, tree.lng);
  for (Tree& tree : survey_.trees) std::swap(tree.position.x, tree.position.y);
  EXPECT_THAT(refusal(), HasSubstr("tree 1: columns x and y are swapped"));
}

TEST_F(Prescriptions, the_record_lists_every_file_and_comes_last) {
  write_file(folder_ / "scout.json", "of an older one");
  PrescriptionFiles files(folder_, "scout");
  EXPECT_FALSE(fs::exists(folder_ / "scout.json"));
  files.write_bytes("a.txt", "abc");
  const auto record = files.commit(survey_, {{"stops", 3}}, {{"blocks", "1"}});
  EXPECT_EQ(record, nlohmann::ordered_json::parse(read_file(folder_ / "scout.json")));
  EXPECT_EQ(record.at("survey_id"), "grove");
  EXPECT_EQ(record.at("figures").at("stops"), 3);
  EXPECT_EQ(record.at("files").at(0).at("sha256"), sha256_of_file(folder_ / "a.txt"));
}

TEST_F(Prescriptions, a_tree_in_no_row_is_named_by_its_id) {
  Tree tree;
  tree.id = 77;
  EXPECT_EQ(place_name(tree), "tree 77");
  tree.block = 1;
  tree.row_index = 3;
  tree.tree_index = 12;
  EXPECT_EQ(place_name(tree), "B1 R3 T12");
}

}  // namespace
}  // namespace canopy
