// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "catalog/catalog.h"
#include "catalog/catalog_fixture.h"

// What every engine promises (catalog/catalog_engine.h). An engine's test gives a way to a catalog
// that is empty, and a way to enter scores:
//   INSTANTIATE_TEST_SUITE_P(Parquet, CatalogContract, testing::Values(CatalogBackend{...}));

namespace canopy {

struct CatalogBackend {
  const char* name;
  std::function<Catalog()> fresh;
  /// Enters one score, at step 100, into the catalog that `fresh` gave last.
  std::function<void(const std::string& tile_key,
                     const std::string& run_id,
                     const std::string& scored_at,
                     double loss)>
      score;
};

class CatalogContract : public testing::TestWithParam<CatalogBackend> {
 protected:
  /// The catalog of catalog_fixture.h.
  static Catalog sample() {
    Catalog catalog = GetParam().fresh();
    for (const char* ingest : {"2024-alder", "2024-birch", "2025-lemon", "2025-fixed"})
      catalog.commit_part(ingest, sample_ingest(ingest));
    return catalog;
  }
  static std::int64_t number(const ResultTable& table) {
    return std::get<std::int64_t>(table.rows.at(0).at(0));
  }
};

TEST_P(CatalogContract, an_empty_catalog_is_an_empty_typed_table) {
  const Catalog catalog = GetParam().fresh();
  EXPECT_EQ(catalog.row_count(), 0);
  const ResultTable table = catalog.query("SELECT tile_id, gsd_m, tree_count, loss FROM examples");
  EXPECT_TRUE(table.rows.empty());
  EXPECT_EQ(table.columns[1].type, "DOUBLE");
  EXPECT_EQ(table.columns[2].type, "BIGINT");
}

TEST_P(CatalogContract, what_is_committed_is_read_back_row_for_row) {
  Catalog catalog = sample();
  const std::vector<TileRow> rows = catalog.read_rows("ingest_id = '2025-lemon'");
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_TRUE(std::is_sorted(
      rows.begin(), rows.end(), [](auto& a, auto& b) { return a.tile_id < b.tile_id; }));
  for (const TileRow& row : rows) {
    TileRow expected = sample_row("2025-lemon", "Lemon", static_cast<int>(row.window_x / 448));
    EXPECT_EQ(row.tile_id, expected.tile_id);
    EXPECT_EQ(row.phash, expected.phash);
    EXPECT_EQ(row.meta, expected.meta);
    EXPECT_EQ(row.band_mean,
              (std::map<std::string, double>{{"blue", 80}, {"green", 95}, {"red", 90}}));
    EXPECT_TRUE(std::isnan(row.ndvi_mean));
    EXPECT_EQ(row.cultivar, "");
  }
}

TEST_P(CatalogContract, a_row_without_identity_is_refused_and_nothing_is_written) {
  Catalog catalog = GetParam().fresh();
  const auto refused = [&](auto&& spoil) {
    std::vector<TileRow> rows = sample_ingest("2024-alder");
    spoil(rows);
    return error_of([&] { catalog.commit_part("2024-alder", rows); });
  };
  EXPECT_THAT(refused([](auto& rows) { rows[1].tile_id = ""; }),
              testing::HasSubstr("has no tile_id"));
  EXPECT_THAT(refused([](auto& rows) { rows[1].tile_key = ""; }),
              testing::HasSubstr("tile_key is empty"));
  EXPECT_THAT(refused([](auto& rows) { rows[1].uri = ""; }), testing::HasSubstr("uri is empty"));
  EXPECT_THAT(refused([](auto& rows) { rows[1].ingest_id = ""; }),
              testing::HasSubstr("ingest_id is empty"));
  EXPECT_THAT(refused([](auto& rows) { rows[1].ingest_id = "x"; }),
              testing::HasSubstr("of ingest 'x'"));
  EXPECT_THAT(refused([](auto& rows) { rows[1].bytes = 0; }),
              testing::HasSubstr("bytes must be positive"));
  EXPECT_THAT(refused([](auto& rows) { rows[1].band_mean["mauve"] = 1; }),
              testing::HasSubstr("'mauve'"));
  EXPECT_THAT(refused([](auto& rows) { rows[1] = rows[0]; }), testing::HasSubstr("twice"));
  EXPECT_THAT(refused([](auto& rows) { rows.clear(); }), testing::HasSubstr("has no tiles"));
  EXPECT_THAT(refused([](auto& rows) { rows[1].farm = "\xff\xfe"; }), testing::HasSubstr("User"));
  EXPECT_EQ(catalog.row_count(), 0);
  EXPECT_FALSE(catalog.has_part("2024-alder"));
}

TEST_P(CatalogContract, an_ingest_id_that_is_no_file_name_is_refused) {
  Catalog catalog = GetParam().fresh();
  for (const char* id : {"", "../x", ".hidden", "a b", "x.tmp.12.3"})
    EXPECT_THAT(error_of([&] { catalog.commit_part(id, sample_ingest("2024-alder")); }),
                testing::HasSubstr("is no file name"));
}

TEST_P(CatalogContract, an_unknown_column_is_answered_with_its_place_and_its_neighbours) {
  Catalog catalog = sample();
  EXPECT_THAT(error_of([&] { catalog.query("SELECT tree_cout FROM tiles"); }),
              testing::AllOf(testing::HasSubstr("User"),
                             testing::HasSubstr("tree_cout"),
                             testing::HasSubstr("tree_count"),
                             testing::HasSubstr("LINE 1")));
}

TEST_P(CatalogContract, many_threads_ingest_and_ask_at_once) {
  Catalog catalog = GetParam().fresh();
  std::vector<std::thread> threads;
  std::atomic<int> made{0};
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      made += catalog.commit_part("2024-alder", sample_ingest("2024-alder"));
      std::vector<TileRow> rows{sample_row("own-" + std::to_string(i), "Oak", i)};
      made += catalog.commit_part("own-" + std::to_string(i), rows);
      EXPECT_GE(catalog.row_count(), 7);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 7);
  EXPECT_EQ(catalog.row_count(), 12);
}

TEST_P(CatalogContract, an_ingest_committed_again_changes_nothing_even_at_another_hour) {
  Catalog catalog = sample();
  std::vector<TileRow> rows = sample_ingest("2024-alder");
  for (TileRow& row : rows) row.ingested_at = "2030-01-01T00:00:00Z";
  std::reverse(rows.begin(), rows.end());
  EXPECT_FALSE(catalog.commit_part("2024-alder", rows));
  EXPECT_EQ(catalog.row_count(), 16);
  EXPECT_EQ(catalog.read_rows("ingest_id = '2024-alder'").at(0).ingested_at,
            "2024-06-01T08:00:00Z");
}

TEST_P(CatalogContract, other_rows_under_the_same_id_are_a_conflict_and_change_nothing) {
  Catalog catalog = sample();
  const auto refused = [&](auto&& spoil) {
    std::vector<TileRow> rows = sample_ingest("2024-alder");
    spoil(rows);
    return error_of([&] { catalog.commit_part("2024-alder", rows); });
  };
  const auto conflict = testing::AllOf(testing::HasSubstr("Conflict"),
                                       testing::HasSubstr("2024-alder"),
                                       testing::HasSubstr("another id"));
  EXPECT_THAT(refused([](auto& rows) { rows[2].tree_count = 99; }), conflict);
  EXPECT_THAT(refused([](auto& rows) { rows.pop_back(); }), conflict);
  EXPECT_EQ(number(catalog.query("SELECT count(*) FROM tiles WHERE tree_count = 99")), 0);
  EXPECT_EQ(catalog.row_count(), 16);
}

TEST_P(CatalogContract, rows_that_end_in_a_failure_are_not_there) {
  Catalog catalog = GetParam().fresh();
  const std::vector<TileRow> rows = sample_ingest("2024-alder");
  std::size_t at = 0;
  EXPECT_THAT(error_of([&] {
                catalog.commit_part("2024-alder", [&](TileRow& row) {
                  if (at == 3) throw Error(Fault::Environment, "the disk is gone");
                  row = rows[at++];
                  return true;
                });
              }),
              testing::HasSubstr("Environment: the disk is gone"));
  EXPECT_FALSE(catalog.has_part("2024-alder"));
  EXPECT_EQ(catalog.row_count(), 0);
  EXPECT_TRUE(catalog.commit_part("2024-alder", rows));
}

TEST_P(CatalogContract, a_query_returns_at_most_the_rows_that_it_is_allowed) {
  const Catalog catalog = sample();
  const ResultTable table = catalog.query("SELECT * FROM tiles", {.max_rows = 3});
  EXPECT_EQ(table.rows.size(), 3u);
  EXPECT_TRUE(table.truncated);
  EXPECT_FALSE(catalog.query("SELECT * FROM tiles", {.max_rows = 16}).truncated);
  EXPECT_THROW(catalog.query("SELECT 1", {.threads = -1}), Error);
  EXPECT_THROW(catalog.query("SELECT 1", {.memory_mb = -1}), Error);
  EXPECT_THROW(catalog.query("SELECT 1", {.timeout_s = -1}), Error);
  EXPECT_THROW(catalog.query("SELECT 1", {.max_rows = -1}), Error);
}

TEST_P(CatalogContract, a_query_is_one_select) {
  const Catalog catalog = sample();
  for (const char* sql : {"",
                          "-- nothing",
                          "SELECT 1; SELECT 2",
                          "SELECT 1; DROP VIEW examples",
                          "CREATE TABLE t (a INTEGER)",
                          "DROP VIEW examples",
                          "DELETE FROM tiles",
                          "INSERT INTO tiles (tile_id) VALUES ('x')",
                          "UPDATE tiles SET crop = 'plum'",
                          "SELECT $1"})
    EXPECT_THAT(error_of([&] { catalog.query(sql); }), testing::StartsWith("User: ")) << sql;
  EXPECT_EQ(number(catalog.query("SELECT count(*) FROM tiles WHERE crop = 'walnut'")), 11);
  EXPECT_EQ(number(catalog.query("SELECT count(*) FROM examples; -- and no more")), 15);
}

}  // namespace canopy
