// SPDX-License-Identifier: Apache-2.0
#include "insight/tree_table.h"

#include <unistd.h>

#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "geo/crs.h"
#include "geo/vector_file.h"
#include "insight/planted_for_test.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TreeTables : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("canopy_table_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path csv(const std::string& text) const {
    std::ofstream(folder_ / "trees.csv") << text;
    return folder_ / "trees.csv";
  }
  TreeTable read(const std::string& text) const { return read_tree_table(csv(text), {}); }
  /// The one line with which a table is refused.
  std::string refusal(const std::string& text) const {
    try {
      read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User);
      return error.what();
    }
    return "taken";
  }

  fs::path folder_;
};

/// A block of 8 rows of 12 trees without the tree `but`, as lines "id,lat,lng".
std::string block_as_csv(std::size_t but) {
  const Planted planted = plant(8, 12, 3, straight(5, 3, 30), {.jitter = 0.01, .missing = 0}, 1);
  const Reprojection degrees("EPSG:32734", "EPSG:4326");
  std::string text = "id,lat,lng\n";
  for (std::size_t k = 0; k < planted.trees.size(); ++k) {
    if (k == but) continue;
    const Point p = degrees(planted.trees[k]);
    char line[80];
    std::snprintf(line, sizeof line, "%zu,%.9f,%.9f\n", k + 1, p.y, p.x);
    text += line;
  }
  return text;
}

TEST_F(TreeTables, latitudes_and_longitudes_become_rows_and_missing_trees) {
  const Survey survey = survey_of(read(block_as_csv(40)), "block");
  EXPECT_EQ(survey.crs_wkt, "EPSG:32734");
  EXPECT_EQ(survey.rows.size(), 8u);
  ASSERT_EQ(survey.missing.size(), 1u);
  EXPECT_TRUE(std::isnan(survey.canopy_cover));
  EXPECT_TRUE(std::isnan(survey.trees[0].health));
  EXPECT_NEAR(survey.hectares, 0.16, 0.03);
}

TEST_F(TreeTables, columns_have_many_names_and_empty_cells_are_not_known) {
  const TreeTable table = read(
      "Tree_ID;Latitude;Longitude;AREA_M2;ndvi;status;remark\n"
      "7;-33,96;18,83;12,5;0,61;dead;x\n8;-33,9601;18,83;;;Alive;y\n9;-33,9602;18,83;4;0,7;missing;"
      "\n");
  ASSERT_EQ(table.trees.size(), 2u);
  EXPECT_EQ(table.trees[0].id, 7);
  EXPECT_EQ(table.trees[0].status, TreeStatus::Dead);
  EXPECT_DOUBLE_EQ(table.trees[0].area_m2, 12.5);
  EXPECT_DOUBLE_EQ(table.trees[0].ndvi, 0.61);
  EXPECT_NEAR(table.trees[0].lat, -33.96, 1e-9);
  EXPECT_TRUE(std::isnan(table.trees[1].area_m2));
  EXPECT_TRUE(std::isnan(table.trees[1].ndvi));
}

TEST_F(TreeTables, crowns_give_places_and_areas_whatever_the_format) {
  VectorLayer layer{"crowns", "EPSG:32734", GeometryKind::Polygon, {}, {}};
  for (int k = 0; k < 4; ++k) {
    const double x = 500000 + 6.0 * k, y = 6200000;
    layer.features.push_back(
        {GeometryKind::Polygon, {}, {{{{x, y}, {x + 2, y}, {x + 2, y + 2}, {x, y + 2}}}}, {}});
  }
  for (const char* name : {"crowns.gpkg", "crowns.shp", "crowns.geojson"}) {
    write_vector(folder_ / name, {layer});
    const TreeTable table = read_tree_table(folder_ / name, {});
    ASSERT_EQ(table.trees.size(), 4u) << name;
    EXPECT_NEAR(table.trees[3].position.x, 500019, 0.01) << name;
    EXPECT_NEAR(table.trees[0].area_m2, 4, 0.01) << name;
    EXPECT_EQ(table.trees[2].id, 3) << name;
    EXPECT_EQ(table.crs, "EPSG:32734") << name;
  }
}

TEST_F(TreeTables, of_several_layers_one_is_chosen_by_name) {
  const VectorLayer point{"p",
                          "EPSG:32734",
                          GeometryKind::Point,
                          {},
                          {{GeometryKind::Point, {{500000, 6200000}}, {}, {}}}};
  VectorLayer other = point;
  other.name = "q";
  write_vector(folder_ / "two.gpkg", {point, other});
  EXPECT_EQ(read_tree_table(folder_ / "two.gpkg", {.layer = "q", .table_crs = {}}).trees.size(),
            1u);
  try {
    read_tree_table(folder_ / "two.gpkg", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Give layer= one of p, q"));
  }
}

TEST_F(TreeTables, what_cannot_be_right_is_refused_with_its_row) {
  const std::string head = "id,lat,lng\n1,-33.96,18.83\n2,-33.9601,18.83\n";
  EXPECT_THAT(refusal("id,lat,lng\n"), HasSubstr("holds no tree"));
  EXPECT_THAT(refusal(head + "2,-33.9602,18.83\n"), HasSubstr("row 4: id 2 is another tree's"));
  EXPECT_THAT(refusal(head + "3,-33.96,18.83\n"), HasSubstr("stands exactly where tree 1 does"));
  EXPECT_THAT(refusal(head + "3,NaN,18.83\n"), HasSubstr("row 4: its place is not a number"));
  EXPECT_THAT(refusal(head + "3,,18.83\n"), HasSubstr("its place is not a number"));
  EXPECT_THAT(refusal(head + "3,south,18.83\n"), HasSubstr("row 4: lat 'south' is not a number"));
  EXPECT_THAT(refusal(head + "3,18.83,-33.96\n"), HasSubstr("km from the other trees"));
  EXPECT_THAT(refusal("id,lat,lng\n1,150.1,-33.9\n"), HasSubstr("lat and lng are swapped"));
  EXPECT_THAT(refusal("id,lat,lng\n1,95,200\n"), HasSubstr("south and west negative"));
  EXPECT_THAT(refusal(head + "x3,-33.9602,18.83\n"), HasSubstr("id 'x3' is not a number"));
  EXPECT_THAT(refusal(head + "0,-33.9602,18.83\n"), HasSubstr("no whole number from 1 on"));
  EXPECT_THAT(refusal("id,name\n1,a\n"),
              HasSubstr("name two columns lat and lng (it has id, name)"));
  EXPECT_THAT(refusal("lat,lng,ndvi\n-33.9,18.8,6100\n"), HasSubstr("lies between -1 and 1"));
  EXPECT_THAT(refusal("lat,lng,area\n-33.9,18.8,-4\n"), HasSubstr("area -4.000000 cannot be"));
  EXPECT_THAT(refusal("lat,lng,status\n-33.9,18.8,ded\n"), HasSubstr("status 'ded' is unknown"));
  EXPECT_THROW(read_tree_table(folder_ / "none.csv", {}), Error);
}

TEST_F(TreeTables, trees_without_a_pattern_are_told_so) {
  const Survey three =
      survey_of(read("lat,lng\n-33.96,18.83\n-33.9601,18.83\n-33.9601,18.8301\n"), "s");
  ASSERT_EQ(three.blocks.size(), 1u);
  EXPECT_EQ(three.blocks[0].pattern, "none");
  std::string line = "lat,lng\n";
  for (int k = 0; k < 40; ++k) line += "-33.96," + std::to_string(18.83 + 4e-5 * k) + "\n";
  const Survey one_row = survey_of(read(line), "s");
  EXPECT_EQ(one_row.blocks[0].pattern, "none");
  EXPECT_EQ(one_row.rows.size(), 1u);
  EXPECT_TRUE(one_row.missing.empty());
}

TEST_F(TreeTables, a_place_in_a_plane_needs_no_crs_and_takes_one) {
  const std::string text = "x,y\n300000,6240000\n300004,6240000\n300008,6240000\n";
  EXPECT_EQ(read(text).crs, "");
  const TreeTable table = read_tree_table(csv(text), {.layer = {}, .table_crs = "EPSG:32734"});
  EXPECT_EQ(table.crs, "EPSG:32734");
  EXPECT_NEAR(table.trees[0].lat, -33.96, 0.1);
}

}  // namespace
}  // namespace canopy
