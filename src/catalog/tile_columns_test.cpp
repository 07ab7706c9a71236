// SPDX-License-Identifier: Apache-2.0
#include "catalog/tile_columns.h"

#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/example.h"

namespace canopy {
namespace {

const TileColumn& column(const std::string& name) {
  for (const TileColumn& one : tile_columns())
    if (one.name == name) return one;
  throw std::out_of_range(name);
}

/// A value of the column's type that differs from column to column.
Cell some_value(const TileColumn& of, std::size_t place) {
  if (of.name == "meta") return R"({"block":"A3"})";
  if (of.sql_type == "VARCHAR") return "text " + std::to_string(place);
  if (of.sql_type == "BIGINT") return static_cast<std::int64_t>(place) - 20;
  if (of.sql_type == "BOOLEAN") return true;
  return 0.5 + static_cast<double>(place);
}

TEST(TileColumns, have_distinct_names_known_types_and_a_word_of_help) {
  std::set<std::string> names;
  for (const TileColumn& one : tile_columns()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_THAT(one.sql_type, testing::AnyOf("VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN"));
    EXPECT_FALSE(one.help.empty()) << one.name;
  }
  for (const std::string& band : canonical_bands()) {
    EXPECT_EQ(names.count(band + "_mean"), 1u);
    EXPECT_EQ(names.count(band + "_std"), 1u);
  }
}

TEST(TileColumns, give_back_what_they_were_given_each_into_a_place_of_its_own) {
  TileRow row;
  std::size_t place = 0;
  for (const TileColumn& one : tile_columns()) one.set(row, some_value(one, place++));
  place = 0;
  for (const TileColumn& one : tile_columns())
    EXPECT_EQ(one.get(row), some_value(one, place++)) << one.name;
}

TEST(TileColumns, show_what_is_not_known_as_null_and_read_null_as_not_known) {
  TileRow row;
  row.ndvi_mean = std::nan("");
  row.band_mean["nir"] = std::nan("");
  for (const char* name : {"crop", "ndvi_mean", "nir_mean", "red_mean"})
    EXPECT_EQ(column(name).get(row), Cell()) << name;
  TileRow back;
  for (const TileColumn& one : tile_columns()) one.set(back, Cell());
  EXPECT_TRUE(std::isnan(back.ndvi_mean));
  EXPECT_EQ(back.crop, "");
  EXPECT_TRUE(back.band_mean.empty());
  EXPECT_TRUE(back.meta.is_object());
}

TEST(TileColumns, keep_all_64_bits_of_a_perceptual_hash) {
  TileRow row, back;
  row.phash = 0xFEDCBA9876543210u;
  column("phash").set(back, column("phash").get(row));
  EXPECT_EQ(back.phash, row.phash);
}

}  // namespace
}  // namespace canopy
