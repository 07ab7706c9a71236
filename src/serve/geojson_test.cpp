// SPDX-License-Identifier: Apache-2.0
#include "serve/geojson.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "serve/survey_for_test.h"

namespace canopy {
namespace {

GeoJson as_it_is() {
  return GeoJson([](const Point& point) { return point; }, 2);
}

std::string number(double value, int decimals) {
  std::string text;
  append_number(text, value, decimals);
  return text;
}

TEST(GeoJson, numbers_are_as_short_as_their_decimals_allow) {
  EXPECT_EQ(number(300'000.10000001, 2), "300000.1");
  EXPECT_EQ(number(5, 3), "5");
  EXPECT_EQ(number(1200, 0), "1200");
  EXPECT_EQ(number(-0.0001, 2), "0");
  EXPECT_EQ(number(NAN, 2), "null");
  EXPECT_EQ(number(-INFINITY, 2), "null");
  EXPECT_EQ(number(1e300, 2), "null");
}

TEST(GeoJson, a_crown_is_a_closed_ring_and_what_is_unknown_is_null) {
  auto page = as_it_is();
  page.add(small_survey().trees[1]);
  const auto json = nlohmann::json::parse(std::move(page).collection(""));
  const auto& feature = json["features"][0];
  EXPECT_EQ(feature["id"], 2);
  const auto& ring = feature["geometry"]["coordinates"][0];
  ASSERT_EQ(ring.size(), 5u);
  EXPECT_EQ(ring.front(), ring.back());
  EXPECT_EQ(ring[0], nlohmann::json::parse("[300014, 6250004]"));
  const auto& properties = feature["properties"];
  EXPECT_EQ(properties["health_class"], "poor");
  EXPECT_EQ(properties["area"], 2.0);
  EXPECT_TRUE(properties["ndre"].is_null());
  EXPECT_TRUE(properties["height"].is_null());
}

TEST(GeoJson, every_noun_is_a_feature_of_its_kind) {
  const auto survey = small_survey();
  auto page = as_it_is();
  page.add(survey.missing[0]);
  page.add(survey.rows[0]);
  page.add(survey.blocks[0]);
  Tree without_crown = survey.trees[0];
  without_crown.crown = {};
  page.add(without_crown);
  const auto json = nlohmann::json::parse(std::move(page).collection("\"name\":\"all\","));
  EXPECT_EQ(json["name"], "all");
  std::vector<std::string> kinds;
  for (const auto& feature : json["features"]) kinds.push_back(feature["geometry"]["type"]);
  EXPECT_EQ(kinds, (std::vector<std::string>{"Point", "LineString", "Polygon", "Point"}));
  EXPECT_EQ(json["features"][1]["properties"]["length_m"], 20.0);
  EXPECT_EQ(json["features"][2]["properties"]["hectares"], 0.06);
}

TEST(GeoJson, shapes_without_points_and_odd_names_stay_valid_json) {
  auto page = as_it_is();
  page.add(Row{});
  Block block;
  block.pattern = "a \"b\"\n\xff";
  page.add(block);
  Tree tree;
  tree.crown = {{{}}};
  page.add(tree);
  EXPECT_EQ(nlohmann::json::parse(std::move(page).collection(""))["features"].size(), 3u);
}

}  // namespace
}  // namespace canopy
