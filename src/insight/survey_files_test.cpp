// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_files.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "geo/vector_file.h"
#include "insight/survey_layers.h"
#include "insight/survey_styles.h"
#include "insight/survey_summary.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Survey small_survey() {
  Survey survey;
  survey.survey_id = "north";
  survey.model_id = "lite-1";
  survey.crs_wkt = "EPSG:32734";
  survey.captured_on = "2026-10-01";
  survey.gsd_m = 0.05;
  survey.hectares = 0.12;
  survey.canopy_cover = 0.3;
  for (int k = 0; k < 4; ++k) {
    Tree t;
    t.id = k + 1;
    t.position = {300000.0 + 5 * k, 6240000};
    t.lat = -33.96 + 1e-6 * k;
    t.lng = 18.83 + 5e-5 * k;
    t.area_m2 = 4 + k;
    t.perimeter_m = 8;
    t.ndvi = 0.7;
    t.ndre = k == 2 ? NAN : 0.3;
    t.health = k == 2 ? NAN : 0.98;
    t.health_class = k == 2 ? HealthClass::Unknown : HealthClass::Good;
    t.status = k == 3 ? TreeStatus::Dead : TreeStatus::Alive;
    t.block = 1;
    t.row_index = 1;
    t.tree_index = k + (k > 1 ? 2 : 1);
    t.score = 0.9;
    t.crown = {{{{t.position.x - 1, t.position.y - 1},
                 {t.position.x + 1, t.position.y - 1},
                 {t.position.x + 1, t.position.y + 1},
                 {t.position.x - 1, t.position.y + 1}}}};
    survey.trees.push_back(t);
  }
  survey.missing.push_back({{300007.5, 6240000}, 1, 1, 3, 0.95});
  survey.rows.push_back({1, 1, {{300000, 6240000}, {300015, 6240000}}, {1, 2, 3, 4}});
  survey.blocks.push_back(
      {1,
       "rectangular",
       6,
       5,
       12.5,
       {{{{299995, 6239995}, {300020, 6239995}, {300020, 6240005}, {299995, 6240005}}}}});
  return survey;
}

class SurveyFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("survey_files_" +
               std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(SurveyFiles, a_survey_comes_back_as_it_was_written) {
  const Survey survey = small_survey();
  write_survey(survey, folder_);
  const Survey back = read_survey(folder_);
  EXPECT_EQ(back.survey_id, "north");
  EXPECT_EQ(back.crs_wkt, survey.crs_wkt);
  EXPECT_EQ(back.hectares, survey.hectares);
  ASSERT_EQ(back.trees.size(), 4u);
  for (std::size_t k = 0; k < 4; ++k) {
    const Tree &a = survey.trees[k], &b = back.trees[k];
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.position, b.position);
    EXPECT_EQ(a.area_m2, b.area_m2);
    EXPECT_EQ(a.status, b.status);
    EXPECT_EQ(a.health_class, b.health_class);
    EXPECT_EQ(std::isnan(a.ndre), std::isnan(b.ndre));
    EXPECT_EQ(a.tree_index, b.tree_index);
    EXPECT_EQ(a.crown, b.crown);
  }
  ASSERT_EQ(back.missing.size(), 1u);
  EXPECT_EQ(back.missing[0].position, survey.missing[0].position);
  EXPECT_EQ(back.missing[0].confidence, 0.95);
  ASSERT_EQ(back.rows.size(), 1u);
  EXPECT_EQ(back.rows[0].tree_ids, survey.rows[0].tree_ids);
  EXPECT_EQ(back.rows[0].line, survey.rows[0].line);
  ASSERT_EQ(back.blocks.size(), 1u);
  EXPECT_EQ(back.blocks[0].pattern, "rectangular");
  EXPECT_EQ(back.blocks[0].outline, survey.blocks[0].outline);
}

TEST_F(SurveyFiles, the_summary_has_the_names_of_the_tree_survey_api) {
  std::vector<std::string> names;
  const auto summary = survey_summary(small_survey());
  for (const auto& [name, value] : summary.items()) names.push_back(name);
  EXPECT_THAT(names,
              testing::ElementsAre("survey_id",
                                   "tree_count",
                                   "missing_tree_count",
                                   "dead_tree_count",
                                   "average_area_m2",
                                   "stddev_area_m2",
                                   "average_ndre",
                                   "stddev_ndre",
                                   "average_ndvi",
                                   "canopy_cover",
                                   "hectares"));
  EXPECT_EQ(summary["tree_count"], 4);
  EXPECT_EQ(summary["dead_tree_count"], 1);
  EXPECT_EQ(summary["average_area_m2"], 5);  // of the three that live
  EXPECT_EQ(summary["stddev_area_m2"], 1);
  EXPECT_NEAR(summary["average_ndre"].get<double>(), 0.3, 1e-12);
}

TEST_F(SurveyFiles, an_empty_survey_has_nulls_instead_of_averages) {
  Survey empty;
  empty.survey_id = "bare";
  empty.crs_wkt = "EPSG:32734";
  write_survey(empty, folder_);
  EXPECT_TRUE(survey_summary(empty)["average_area_m2"].is_null());
  EXPECT_TRUE(read_survey(folder_).trees.empty());
}

TEST_F(SurveyFiles, the_manifest_lists_every_file_with_its_hash) {
  fs::create_directories(folder_);
  write_file(folder_ / "labels.tif", "not looked into");
  SurveyProvenance provenance;
  provenance.inputs["ortho"] = {{"path", "farm.tif"}};
  provenance.options = {{"dsm", "dsm.tif"}, {"halo", 36}};
  provenance.made_at = "2026-11-02T08:30:00Z";
  write_survey(small_survey(), folder_, provenance);
  const auto manifest = nlohmann::json::parse(read_file(folder_ / "survey.json"));
  std::vector<std::string> names;
  for (const auto& file : manifest["files"]) {
    names.push_back(file["name"]);
    EXPECT_EQ(file["sha256"], sha256_of_file(folder_ / names.back()));
  }
  EXPECT_THAT(names,
              testing::ElementsAre("trees.gpkg",
                                   "trees.parquet",
                                   "trees.geojson",
                                   "missing.geojson",
                                   "rows.geojson",
                                   "trees.csv",
                                   "labels.tif"));
  EXPECT_EQ(manifest["inputs"]["ortho"]["path"], "farm.tif");
  EXPECT_EQ(manifest["options"]["halo"], 36);
  EXPECT_EQ(manifest["made_at"], "2026-11-02T08:30:00Z");
}

TEST_F(SurveyFiles, rows_are_lines_in_longitude_and_latitude) {
  write_survey(small_survey(), folder_);
  const auto rows = nlohmann::json::parse(read_file(folder_ / "rows.geojson"));
  ASSERT_EQ(rows["features"].size(), 1u);
  const auto& row = rows["features"][0];
  EXPECT_EQ(row["geometry"]["type"], "LineString");
  EXPECT_NEAR(row["geometry"]["coordinates"][0][0].get<double>(), 18.83, 0.01);
  EXPECT_NEAR(row["geometry"]["coordinates"][0][1].get<double>(), -33.96, 0.01);
  EXPECT_EQ(row["properties"]["row_index"], 1);
  Survey plan = small_survey();
  plan.crs_wkt.clear();
  write_survey(plan, folder_);
  EXPECT_FALSE(fs::exists(folder_ / "rows.geojson")) << "of the survey that lay there before";
}

TEST_F(SurveyFiles, the_table_holds_standing_and_missing_trees) {
  const std::string csv = csv_of(small_survey());
  EXPECT_THAT(
      csv,
      testing::StartsWith("id,lat,lng,ndre,ndvi,volume,area,row_index,tree_index,status,health,"
                          "health_class,score,height,perimeter,model_id,block\r\n"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 6);
  EXPECT_THAT(csv,
              HasSubstr("3,-33.959998,18.8301,,0.7,0,6,1,4,alive,,unknown,0.9,0,8,lite-1,1\r\n"));
  EXPECT_THAT(csv, HasSubstr(",missing,,,0.95,,,lite-1,1\r\n"));
}

TEST_F(SurveyFiles, the_geopackage_has_four_layers_and_their_styles) {
  write_survey(small_survey(), folder_);
  EXPECT_THAT(layer_names(folder_ / "trees.gpkg"),
              testing::IsSupersetOf({"trees", "missing", "rows", "orchard"}));
  for (const auto& [layer, qml] : survey_styles())
    EXPECT_THAT(qml, HasSubstr("renderer-v2")) << layer;
  const std::string bytes = read_file(folder_ / "trees.gpkg");
  EXPECT_THAT(bytes, HasSubstr("layer_styles"));
  EXPECT_THAT(bytes, HasSubstr("health_class"));
}

TEST_F(SurveyFiles, a_folder_without_survey_json_is_not_found) {
  write_survey(small_survey(), folder_);
  fs::remove(folder_ / "survey.json");
  try {
    read_survey(folder_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::NotFound);
  }
}

TEST_F(SurveyFiles, a_file_that_was_changed_since_is_refused) {
  write_survey(small_survey(), folder_);
  write_file(folder_ / "trees.gpkg", "something else");
  EXPECT_THROW(read_survey(folder_), Error);
  write_survey(small_survey(), folder_);
  write_file(folder_ / "survey.json", "{}");
  try {
    read_survey(folder_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("not the survey.json of a survey"));
  }
}

TEST_F(SurveyFiles, trees_with_one_id_and_a_survey_without_one_are_refused) {
  Survey survey = small_survey();
  survey.trees[1].id = 1;
  EXPECT_THROW(write_survey(survey, folder_), Error);
  survey = small_survey();
  survey.survey_id.clear();
  EXPECT_THROW(write_survey(survey, folder_), Error);
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(SurveyFiles, a_layer_without_a_column_is_named) {
  auto layers = layers_of(small_survey());
  layers[0].features[0].attributes.erase("ndvi");
  Survey survey;
  try {
    read_layers(layers, survey);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("layer 'trees': column 'ndvi' is missing"));
  }
  layers = layers_of(small_survey());
  layers[0].features[0].attributes["status"] = std::string("sleeping");
  EXPECT_THROW(read_layers(layers, survey), Error);
  layers = layers_of(small_survey());
  layers[1].features[0].points.clear();
  EXPECT_THROW(read_layers(layers, survey), Error);
}

}  // namespace
}  // namespace canopy
