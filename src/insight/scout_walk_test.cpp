// SPDX-License-Identifier: Apache-2.0
#include "insight/scout_walk.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "geo/crs.h"
#include "geo/vector_file.h"
#include "orchard/grove.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

Survey grove_survey() {
  return plant(R"(
      x o o o x
      o o o o o
      o o _ o o
      o o o o o
      x o o o x )",
               {.crs = "EPSG:32734"})
      .survey();
}

std::vector<double> lat_lng(const Survey& survey, const Point& place) {
  const Point degrees = Reprojection(survey.crs_wkt, "EPSG:4326")(place);
  return {degrees.y, degrees.x};
}

std::vector<std::string> stops_of(const ScoutWalk& walk) {
  std::vector<std::string> names;
  for (const Tree& t : walk.stops)
    names.push_back(std::to_string(t.row_index) + "/" + std::to_string(t.tree_index));
  return names;
}

TEST(ScoutWalk, goes_from_the_gate_round_the_corners) {
  const Survey survey = grove_survey();
  ScoutOptions options;
  options.trees.status = {"dead"};
  options.start = lat_lng(survey, {500002, 6200000});
  const ScoutWalk walk = scout_walk(survey, options);
  EXPECT_THAT(stops_of(walk),
              testing::AnyOf(ElementsAre("1/5", "1/1", "5/1", "5/5"),
                             ElementsAre("1/5", "5/5", "5/1", "1/1")));
  EXPECT_NEAR(walk.length_m, 2 + 48, 0.01);
  EXPECT_NEAR(walk.walked_m.front(), 2, 0.01);
  EXPECT_NEAR(walk.walked_m.back(), walk.length_m, 1e-9);
  options.round = true;
  EXPECT_NEAR(scout_walk(survey, options).length_m, 2 + 48 + std::hypot(16, 2), 0.01);
}

TEST(ScoutWalk, is_no_longer_than_planting_order) {
  ScoutOptions options;
  options.trees.status = {"alive", "dead", "missing"};
  const ScoutWalk walk = scout_walk(grove_survey(), options);
  EXPECT_EQ(walk.stops.size(), 25u);
  EXPECT_LE(walk.length_m, walk.given_m);
  EXPECT_NEAR(walk.length_m, 24 * 4, 0.01);
}

TEST(ScoutWalk, files_hold_the_same_stops) {
  const fs::path folder = fs::path(testing::TempDir()) / "scout_walk";
  fs::remove_all(folder);
  const Survey survey = grove_survey();
  const ScoutOptions options;
  const ScoutWalk walk = scout_walk(survey, options);
  const auto record = write_scout_walk(walk, survey, options, folder);
  EXPECT_EQ(record["figures"]["stops"], 5);
  EXPECT_EQ(record["files"].size(), 4u);
  const std::string gpx = read_file(folder / "scout.gpx");
  std::size_t route_points = 0;
  for (std::size_t at = 0; (at = gpx.find("<rtept ", at)) != std::string::npos; ++at)
    ++route_points;
  EXPECT_EQ(route_points, 5u);
  EXPECT_THAT(gpx, HasSubstr("<name>B1 R3 T3</name>"));
  EXPECT_EQ(read_vector(folder / "scout_stops.geojson").features.size(), 5u);
  EXPECT_EQ(read_vector(folder / "scout_route.geojson").features.at(0).points.size(), 5u);
  EXPECT_THAT(read_file(folder / "scout.csv"), HasSubstr("stop,walked_m,place,"));
  fs::remove_all(folder);
}

TEST(ScoutWalk, a_walk_that_cannot_be_gets_one_clear_line) {
  const Survey survey = grove_survey();
  ScoutOptions options;
  options.round = true;
  EXPECT_THAT(error_of([&] { scout_walk(survey, options); }), HasSubstr("give start=LAT,LNG"));
  options.start = {91, 0};
  EXPECT_THAT(error_of([&] { scout_walk(survey, options); }), HasSubstr("write it as LAT,LNG"));
  options.start = lat_lng(survey, {500002, 6200000});
  std::reverse(options.start.begin(), options.start.end());
  EXPECT_THAT(error_of([&] { scout_walk(survey, options); }), HasSubstr("latitude first"));
  ScoutOptions nobody;
  nobody.trees.status = {};
  EXPECT_THAT(error_of([&] { scout_walk(survey, nobody); }), HasSubstr("choose more"));
}

}  // namespace
}  // namespace canopy
