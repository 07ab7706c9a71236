// SPDX-License-Identifier: Apache-2.0
#include "catalog/result_table.h"

#include <limits>

#include <gtest/gtest.h>

namespace canopy {
namespace {

ResultTable sample() {
  ResultTable table;
  table.columns = {
      {"orchard", "VARCHAR"}, {"trees", "BIGINT"}, {"gsd_m", "DOUBLE"}, {"cut", "BOOLEAN"}};
  table.rows = {{Cell("Älder"), Cell(std::int64_t{12}), Cell(0.1), Cell(true)},
                {Cell("O\"Neil, B"), Cell(std::int64_t{7}), Cell(), Cell(false)}};
  return table;
}

TEST(ResultTable, lines_up_for_people) {
  EXPECT_EQ(sample().pretty(),
            "orchard    trees  gsd_m  cut\n"
            "Älder         12    0.1  true\n"
            "O\"Neil, B      7      -  false\n");
}

TEST(ResultTable, shortens_wide_cells_and_says_that_more_follows) {
  ResultTable table;
  table.columns = {{"id", "VARCHAR"}};
  table.rows = {{Cell("ääääääää")}, {Cell("two\nlines")}};
  table.truncated = true;
  EXPECT_EQ(table.pretty(6), "id\näääää…\ntwo l…\n... more rows follow\n");
}

TEST(ResultTable, csv_follows_rfc_4180_and_tells_null_from_empty) {
  ResultTable table = sample();
  table.rows.push_back({Cell(""), Cell(), Cell(), Cell()});
  EXPECT_EQ(
      table.csv(),
      "orchard,trees,gsd_m,cut\r\nÄlder,12,0.1,true\r\n\"O\"\"Neil, B\",7,,false\r\n\"\",,,\r\n");
}

TEST(ResultTable, json_keeps_types_and_the_order_of_columns) {
  ResultTable table = sample();
  table.rows[1][2] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(table.json().dump(),
            R"([{"orchard":"Älder","trees":12,"gsd_m":0.1,"cut":true},)"
            R"({"orchard":"O\"Neil, B","trees":7,"gsd_m":null,"cut":false}])");
}

}  // namespace
}  // namespace canopy
