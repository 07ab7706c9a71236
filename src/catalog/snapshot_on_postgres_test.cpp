// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "base/hash.h"
#include "catalog/catalog_fixture.h"
#include "catalog/duckdb_session.h"
#include "catalog/postgres_fixture.h"
#include "catalog/postgres_session.h"
#include "catalog/snapshot.h"
#include "catalog/snapshot_refs.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The sample catalog in both engines.
class SnapshotOnPostgres : public testing::Test {
 protected:
  SnapshotOnPostgres() {
    for (const char* ingest : {"2024-alder", "2024-birch", "2025-lemon", "2025-fixed"})
      postgres_.commit_part(ingest, sample_ingest(ingest));
  }
  static SnapshotOptions named(SnapshotOptions options) {
    if (options.name.empty()) options.name = "set";
    return options;
  }
  Snapshot create(const SnapshotOptions& options) {
    return create_snapshot(postgres_, named(options), datasets_).snapshot;
  }
  Snapshot create_embedded(const SnapshotOptions& options) {
    return create_snapshot(parquet_, named(options), scratch_.path() / "embedded").snapshot;
  }
  std::string refusal(const SnapshotOptions& options) {
    return error_of([&] { create(options); });
  }

  ScratchFolder scratch_;
  fs::path datasets_ = scratch_.path() / "datasets";
  std::string url_ = PostgresServer::instance().fresh_database();
  Catalog postgres_ = Catalog::open(url_);
  Catalog parquet_ = sample_catalog(scratch_.path() / "catalog");
};

const char* const kAllTrain = "train=100";

TEST_F(SnapshotOnPostgres, has_the_id_and_the_bytes_that_the_embedded_engine_gives) {
  const SnapshotOptions asked[] = {
      {.where = "crop = 'walnut' and gsd_m <= 0.1", .split = kAllTrain},
      {.split_by = "tile_key", .split = "train=50,val=30,test=20"},
      {.split_by = "cultivar", .split = "train=50,test=50"},
      {.split_by = "gsd_m", .split = "test=10,train=90"},
      {.split_by = "cut_by_edge", .split = kAllTrain},
      {.where = "(meta->>'block') = 'A3'",
       .columns = {"ndvi_mean", "loss", "meta", "phash", "cut_by_edge", "LON"},
       .split = kAllTrain},
      {.sql = "SELECT tile_id FROM examples WHERE tree_count > 12; -- and no more",
       .split_by = "crop",
       .split = kAllTrain},
      {.sql = "SELECT tile_id, CAST(tree_count AS DOUBLE PRECISION) / 10 AS weight, orchard,\n"
              "CASE orchard WHEN 'Birch' THEN 'test' ELSE 'train' END AS split,\n"
              "CAST('2026-02-11' AS DATE) AS day, tree_count > 12 AS many,\n"
              "CAST(tree_count AS INTEGER) AS small, CAST('2026-02-11 10:20:30.5' AS TIMESTAMP) AS "
              "moment\nFROM examples"},
      {.sql = "WITH best AS (SELECT tile_id, row_number() OVER (PARTITION BY orchard ORDER BY "
              "tree_count DESC, tile_id) AS place, orchard FROM examples) SELECT tile_id, place, "
              "orchard FROM best WHERE place <= 2",
       .split_by = "meta",
       .split = kAllTrain}};
  int number = 0;
  for (SnapshotOptions options : asked) {
    options.name = "set" + std::to_string(++number);
    SCOPED_TRACE(options.where + options.sql + options.split_by);
    // Some are the same dataset by two splits: each lies in a folder of its own.
    const fs::path own = scratch_.path() / options.name;
    const Snapshot ours = create_snapshot(postgres_, options, own / "postgres").snapshot,
                   theirs = create_snapshot(parquet_, options, own / "embedded").snapshot;
    EXPECT_EQ(ours.id, theirs.id);
    EXPECT_EQ(read_file(ours.parts()[0]), read_file(theirs.parts()[0]));
    EXPECT_EQ(ours.manifest["counts"], theirs.manifest["counts"]);
    EXPECT_EQ(ours.manifest["columns"], theirs.manifest["columns"]);
    EXPECT_THAT(verify_snapshot(ours), IsEmpty());
  }
}

TEST_F(SnapshotOnPostgres, of_many_rows_has_the_bytes_that_the_embedded_engine_gives) {
  for (Catalog* catalog : {&postgres_, &parquet_}) {
    int i = 0;
    catalog->commit_part("oaks", [&](TileRow& row) {
      if (i == 60000) return false;
      row.tile_id = sha256_hex(std::to_string(i));
      row.tile_key = row.uri = row.tile_id;
      row.ingest_id = "oaks";
      row.orchard = "Oak " + std::to_string(i % 97);
      row.ndvi_mean = 1.0 / (i + 1);
      row.bytes = ++i;
      return true;
    });
  }
  SnapshotOptions options{.name = "oaks",
                          .columns = {"ndvi_mean"},
                          .split_by = "orchard",
                          .threads = 2,
                          .memory_mb = 160};
  const Snapshot ours = create(options);
  options.memory_mb = 0;
  EXPECT_EQ(ours.id, create_embedded(options).id);
  EXPECT_EQ(ours.tile_count(), 60015);
  EXPECT_EQ(std::distance(fs::directory_iterator(datasets_), fs::directory_iterator()), 1);
}

TEST_F(SnapshotOnPostgres, tells_where_it_came_from) {
  const Snapshot made = create({.where = "crop = 'citrus'", .split = kAllTrain});
  EXPECT_EQ(made.manifest["engine"]["name"], "postgres");
  EXPECT_THAT(made.manifest["engine"]["version"].get<std::string>(),
              testing::MatchesRegex("[0-9]+\\.[0-9]+"));
  EXPECT_EQ(made.manifest["engine"]["writer"], "duckdb " + DuckdbSession::version());
  ASSERT_EQ(made.manifest["catalog_parts"].size(), 4u);
  EXPECT_EQ(made.manifest["catalog_parts"][0]["uri"], "tiles/2024-alder");
  EXPECT_EQ(made.manifest["catalog_parts"][0]["rows"], 6);
  EXPECT_EQ(made.manifest["catalog_parts"][0]["sha256"].get<std::string>().size(), 64u);
  EXPECT_THAT(made.manifest["sql"].get<std::string>(), HasSubstr("WITH selected AS"));
}

TEST_F(SnapshotOnPostgres, a_wrong_query_is_answered_with_the_server_s_words) {
  EXPECT_THAT(refusal({.where = "crop = 'walnut' and gsd < 0.1"}),
              AllOf(HasSubstr("User: dataset 'set': column \"gsd\" does not exist"),
                    HasSubstr("\nLINE 1: crop = 'walnut' and gsd < 0.1"),
                    HasSubstr("^")));
  EXPECT_THAT(refusal({.where = "true); DROP TABLE tiles; --"}), HasSubstr("User"));
  EXPECT_THAT(refusal({.where = "true) TO PROGRAM 'rm'; --"}), HasSubstr("User"));
  EXPECT_THAT(refusal({.sql = "SELECT tile_id FROM examples) TO PROGRAM 'rm' --"}),
              HasSubstr("syntax error"));
  EXPECT_THAT(refusal({.sql = "DELETE FROM tiles RETURNING tile_id"}),
              HasSubstr("only a SELECT may be asked"));
  EXPECT_THAT(refusal({.sql = "SELECT pg_read_file('/etc/passwd') AS tile_id"}),
              HasSubstr("permission denied"));
  EXPECT_THAT(refusal({.where = "tree_count / (tree_count - 10) > 0"}),
              AllOf(HasSubstr("User: dataset 'set'"), HasSubstr("division by zero")));
  EXPECT_THAT(refusal({.where = "crop = 'mango'"}), HasSubstr("none of the 16 rows"));
  EXPECT_THAT(refusal({.sql = "SELECT tile_id, crop, crop FROM examples"}),
              HasSubstr("'crop' twice"));
  EXPECT_THAT(refusal({.sql = "SELECT tile_id FROM tiles UNION ALL SELECT tile_id FROM tiles",
                       .split = kAllTrain}),
              HasSubstr("more than once"));
  EXPECT_THAT(refusal({.sql = "SELECT 'abc' AS tile_id", .split = kAllTrain}),
              HasSubstr("abc is not in the catalog"));
  EXPECT_THAT(refusal({.split_by = "orchid"}), HasSubstr("did you mean 'orchard'?"));
  EXPECT_FALSE(fs::exists(datasets_) && !fs::is_empty(datasets_)) << "nothing is left behind";
  EXPECT_EQ(postgres_.row_count(), 16);
}

TEST_F(SnapshotOnPostgres, a_server_that_is_killed_on_the_way_leaves_nothing) {
  // The rows come slowly enough for the server to go while they do.
  std::thread killer([] {
    ::usleep(300000);
    PostgresServer::instance().kill();
  });
  EXPECT_THAT(refusal({.sql = "SELECT tile_id, pg_sleep(0.2) IS NULL AS slept FROM examples",
                       .split = kAllTrain}),
              AllOf(HasSubstr("Environment"), HasSubstr("connection was lost")));
  killer.join();
  PostgresServer::instance().start();
  EXPECT_TRUE(fs::is_empty(datasets_));
  EXPECT_EQ(create({.split = kAllTrain}).tile_count(), 15);
}

}  // namespace
}  // namespace canopy
