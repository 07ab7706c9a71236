// SPDX-License-Identifier: Apache-2.0
#include "registry/lineage_event.h"

#include <regex>
#include <set>

#include <gtest/gtest.h>

namespace canopy {
namespace {

std::string named(const std::string& address, const std::string& table = "") {
  const LineageDataset dataset = lineage_dataset(address, table);
  return dataset.ns + " " + dataset.name;
}

TEST(LineageEvent, datasets_have_the_names_that_other_systems_know_them_by) {
  EXPECT_EQ(named("s3://orchards/a/b.tif"), "s3://orchards a/b.tif");
  EXPECT_EQ(named("/farm/examples/"), "file /farm/examples");
  EXPECT_EQ(named("/farm/catalog", "tiles"), "file /farm/catalog/tiles");
  EXPECT_EQ(named("postgres://ann@db.host/trees?sslmode=require", "tiles"),
            "postgres://db.host:5432 trees.public.tiles");
  EXPECT_EQ(named("postgresql://db.host:6000/trees", "tiles"),
            "postgres://db.host:6000 trees.public.tiles");
  EXPECT_EQ(named("redshift://ann@cluster.eu/dev", "tiles"),
            "redshift://cluster.eu:5439 dev.public.tiles");
  EXPECT_EQ(lineage_dataset("/a b").uri, "file:///a%20b");
}

TEST(LineageEvent, no_password_passes) {
  const LineageDataset dataset = lineage_dataset("postgres://ann:secret@db.host/trees", "tiles");
  EXPECT_EQ((dataset.ns + dataset.name + dataset.uri).find("secret"), std::string::npos);
}

TEST(LineageEvent, a_run_s_id_is_a_random_uuid) {
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(std::regex_match(*ids.insert(new_uuid()).first, form));
  EXPECT_EQ(ids.size(), 100u);
}

TEST(LineageEvent, says_what_a_job_read_and_wrote) {
  LineageJob job;
  job.ns = "farm", job.name = "dataset create oaks", job.type = "DATASET";
  job.sql = "SELECT tile_id FROM examples", job.sql_dialect = "duckdb";
  job.inputs = {lineage_dataset("/farm/catalog", "tiles")};
  job.run_id = new_uuid();
  LineageDataset made = lineage_dataset("/farm/datasets/oaks-0");
  made.version = "0123", made.rows = 7;
  const auto event = lineage_event(job, "COMPLETE", "2026-01-02T03:04:05Z", {made});
  EXPECT_EQ(event.at("run").at("runId"), job.run_id);
  EXPECT_TRUE(event.at("run").at("facets").empty());
  EXPECT_EQ(event.at("job").at("facets").at("sql").at("query"), job.sql);
  EXPECT_EQ(event.at("inputs")[0].at("name"), "/farm/catalog/tiles");
  EXPECT_FALSE(event.at("inputs")[0].at("facets").contains("version"));
  const auto& output = event.at("outputs")[0];
  EXPECT_EQ(output.at("facets").at("version").at("datasetVersion"), "0123");
  EXPECT_EQ(output.at("outputFacets").at("outputStatistics").at("rowCount"), 7);
  const auto failed = lineage_event(job, "FAIL", "2026-01-02T03:04:05Z", {}, "no such column");
  EXPECT_EQ(failed.at("run").at("facets").at("errorMessage").at("message"), "no such column");
  EXPECT_TRUE(failed.at("outputs").empty());
}

}  // namespace
}  // namespace canopy
