// SPDX-License-Identifier: Apache-2.0
#include "insight/replant_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "geo/vector_file.h"
#include "orchard/grove.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Survey grove_survey() {
  return plant(R"(
      o _ _ o o
      o o x o o
      _ o o o x )",
               {.crs = "EPSG:32734"})
      .survey();
}

TEST(ReplantOrder, counts_what_to_buy_by_block_and_says_where_it_goes) {
  const ReplantOrder order = replant_order(grove_survey(), {});
  ASSERT_EQ(order.places.size(), 3u);
  EXPECT_EQ(order.places[0].row_index, 1);
  EXPECT_EQ(order.places[0].tree_index, 5);
  EXPECT_EQ(order.places[1].row_index, 3);
  EXPECT_EQ(order.places[1].tree_index, 3);
  EXPECT_EQ(order.missing(), 3);
  EXPECT_EQ(order.dead(), 0);
}

TEST(ReplantOrder, dead_trees_are_replaced_when_asked) {
  const ReplantOrder order = replant_order(grove_survey(), {.dead = true});
  ASSERT_EQ(order.blocks.size(), 1u);
  EXPECT_EQ(order.blocks[0].trees(), 5);
  EXPECT_EQ(order.dead(), 2);
  EXPECT_EQ(order.places.size(), 5u);
}

TEST(ReplantOrder, files_hold_the_same_places) {
  const fs::path folder = fs::path(testing::TempDir()) / "replant_order";
  fs::remove_all(folder);
  const Survey survey = grove_survey();
  const ReplantOptions options{.dead = true};
  const ReplantOrder order = replant_order(survey, options);
  const auto record = write_replant_order(order, survey, options, folder);
  EXPECT_EQ(record["figures"]["trees"], 5);
  EXPECT_EQ(record["figures"]["blocks"][0]["missing"], 3);
  EXPECT_EQ(record["files"].size(), 3u);
  const std::string csv = read_file(folder / "replant.csv");
  EXPECT_THAT(csv, HasSubstr("block,row_index,tree_index,status,lat,lng\r\n1,1,1,dead,-34.3"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 6);
  EXPECT_THAT(read_file(folder / "replant.gpx"), HasSubstr("<name>B1 R1 T5</name>"));
  EXPECT_EQ(read_vector(folder / "replant.geojson").features.size(), 5u);
  fs::remove_all(folder);
}

TEST(ReplantOrder, a_full_orchard_needs_none) {
  const fs::path folder = fs::path(testing::TempDir()) / "replant_order_full";
  const Survey survey = plant("o o o\no o o", {.crs = "EPSG:32734"}).survey();
  const ReplantOrder order = replant_order(survey, {});
  EXPECT_TRUE(order.places.empty());
  EXPECT_EQ(order.blocks.size(), 1u);
  write_replant_order(order, survey, {}, folder);
  EXPECT_EQ(read_file(folder / "replant.csv"), "block,row_index,tree_index,status,lat,lng\r\n");
  fs::remove_all(folder);
}

TEST(ReplantOrder, without_rows_no_place_is_made_up) {
  Survey survey = grove_survey();
  survey.rows.clear();
  EXPECT_THAT(error_of([&] { replant_order(survey, {}); }), HasSubstr("no row was found"));
}

}  // namespace
}  // namespace canopy
