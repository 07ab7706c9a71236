// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_parquet.h"

#include <unistd.h>

#include <limits>

#include <gtest/gtest.h>

#include "base/hash.h"
#include "catalog/duckdb_session.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

Survey two_trees(bool with_crowns) {
  Survey survey;
  survey.crs_wkt = "EPSG:32734";
  for (int k = 0; k < 2; ++k) {
    Tree tree;
    tree.id = k + 1;
    const double x = 300000 + 10.0 * k, y = 6240000;
    tree.position = {x + 1, y + 1};
    tree.area_m2 = 4;
    tree.ndvi = k == 0 ? 0.5 : std::numeric_limits<double>::quiet_NaN();
    if (with_crowns) tree.crown = {{{{x, y}, {x + 2, y}, {x + 2, y + 2}, {x, y + 2}}}};
    survey.trees.push_back(tree);
  }
  return survey;
}

TEST(SurveyParquet, columns_geometry_and_its_description_are_there) {
  const fs::path folder =
      fs::path(testing::TempDir()) / ("canopy_parquet_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  for (const bool with_crowns : {true, false}) {
    const fs::path path = folder / "trees.parquet", again = folder / "again.parquet";
    write_survey_parquet(two_trees(with_crowns), path);
    write_survey_parquet(two_trees(with_crowns), again);
    EXPECT_EQ(sha256_of_file(path), sha256_of_file(again));
    DuckdbSession session;
    const auto rows =
        session.query("SELECT id, area, ndvi, hex(ST_AsWKB(geometry)) FROM read_parquet(" +
                      sql_text(path.string()) + ") ORDER BY id");
    ASSERT_EQ(rows.rows.size(), 2u);
    EXPECT_EQ(std::get<std::int64_t>(rows.rows[1][0]), 2);
    EXPECT_EQ(std::get<double>(rows.rows[0][1]), 4);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(rows.rows[1][2]));
    const auto geometry = std::get<std::string>(rows.rows[0][3]);
    EXPECT_EQ(geometry.substr(0, 10), with_crowns ? "0103000000" : "0101000000");
    EXPECT_EQ(geometry.size(), 2 * (with_crowns ? 9u + 4u + 5u * 16u : 5u + 16u));
    const auto metadata = session.query("SELECT decode(value) FROM parquet_kv_metadata(" +
                                        sql_text(path.string()) + ") WHERE decode(key) = 'geo'");
    const auto text = std::get<std::string>(metadata.rows.at(0).at(0));
    EXPECT_NE(text.find("\"version\":\"1.1.0\""), std::string::npos);
    EXPECT_EQ(text.find("\"crs\""), std::string::npos);  // OGC:CRS84, which is what is meant then
  }
  Survey nowhere = two_trees(true);
  nowhere.crs_wkt.clear();
  write_survey_parquet(nowhere, folder / "nowhere.parquet");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace canopy
