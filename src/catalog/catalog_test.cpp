// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.h"

#include <signal.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "catalog/catalog_fixture.h"
#include "catalog/catalog_score_contract.h"
#include "catalog/catalog_snapshot_contract.h"
#include "catalog/duckdb_session.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class CatalogTest : public testing::Test {
 protected:
  ScratchFolder scratch_;
  fs::path folder_ = scratch_.path() / "catalog";
};

/// Where the contract's catalog lies.
fs::path& contract_folder() {
  static fs::path folder;
  return folder;
}

INSTANTIATE_TEST_SUITE_P(
    Parquet,
    CatalogContract,
    testing::Values(CatalogBackend{
        "parquet",
        [] {
          static const ScratchFolder scratch;
          static int number = 0;
          contract_folder() = scratch.path() / std::to_string(number++);
          return Catalog::open(contract_folder().string());
        },
        [](const std::string& key, const std::string& run, const std::string& at, double loss) {
          fs::create_directories(contract_folder() / "scores");
          DuckdbSession().execute(
              "COPY (SELECT '" + key + "' AS tile_key, '" + run + "' AS run_id, '" + at +
              "' AS scored_at, 100 AS step, " + std::to_string(loss) + "::DOUBLE AS loss) TO '" +
              (contract_folder() / "scores" / (run + ".parquet")).string() + "'");
        }}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(CatalogTest, the_same_rows_give_the_same_bytes_in_any_order) {
  std::vector<TileRow> rows = sample_ingest("2024-alder");
  Catalog one = Catalog::open((scratch_.path() / "one").string());
  EXPECT_TRUE(one.commit_part("2024-alder", rows));
  std::reverse(rows.begin(), rows.end());
  Catalog two = Catalog::open((scratch_.path() / "two").string());
  EXPECT_TRUE(two.commit_part("2024-alder", rows));
  EXPECT_EQ(read_file(one.parts()[0].path), read_file(two.parts()[0].path));
}

TEST_F(CatalogTest, a_part_committed_again_is_left_alone_even_at_another_hour) {
  Catalog catalog = sample_catalog(folder_);
  std::vector<TileRow> rows = sample_ingest("2024-alder");
  for (TileRow& row : rows) row.ingested_at = "2030-01-01T00:00:00Z";
  const std::string before = read_file(folder_ / "tiles/2024-alder.parquet");
  EXPECT_FALSE(catalog.commit_part("2024-alder", rows));
  EXPECT_EQ(read_file(folder_ / "tiles/2024-alder.parquet"), before);
}

TEST_F(CatalogTest, an_address_that_is_no_folder_is_refused) {
  EXPECT_THAT(error_of([] { Catalog::open("mysql://host/db"); }), HasSubstr("path of a folder"));
  EXPECT_THAT(error_of([] { Catalog::open("a*b"); }), HasSubstr("rename the folder"));
  std::ofstream(scratch_.path() / "file") << "x";
  EXPECT_THAT(error_of([&] { Catalog::open((scratch_.path() / "file").string()); }),
              HasSubstr("Environment"));
}

TEST_F(CatalogTest, a_file_that_is_no_part_is_named) {
  Catalog catalog = sample_catalog(folder_);
  const auto message = [&] { return error_of([&] { catalog.query("SELECT 1"); }); };
  std::ofstream(folder_ / "tiles/notes.txt") << "hello";
  EXPECT_THAT(message(), AllOf(HasSubstr("notes.txt"), HasSubstr("move it out")));
  fs::rename(folder_ / "tiles/notes.txt", folder_ / "tiles/notes.parquet");
  EXPECT_THAT(message(), AllOf(HasSubstr("notes.parquet"), HasSubstr("no Parquet part")));
  fs::remove(folder_ / "tiles/notes.parquet");

  DuckdbSession().execute("COPY (SELECT 1 AS x) TO '" +
                          (folder_ / "tiles/foreign.parquet").string() + "'");
  EXPECT_THAT(message(),
              AllOf(HasSubstr("foreign.parquet"), HasSubstr("no part that an ingest wrote")));
  DuckdbSession().execute("COPY (SELECT 1 AS x) TO '" +
                          (folder_ / "tiles/foreign.parquet").string() +
                          "' (FORMAT parquet, KV_METADATA {canopy_part_schema: '7'})");
  EXPECT_THAT(message(), AllOf(HasSubstr("foreign.parquet"), HasSubstr("later version")));
  fs::remove(folder_ / "tiles/foreign.parquet");

  const std::string bytes = read_file(folder_ / "tiles/2024-alder.parquet");
  write_file(folder_ / "tiles/2024-alder.parquet", bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(message(), AllOf(HasSubstr("2024-alder.parquet"), HasSubstr("cut short")));
}

TEST_F(CatalogTest, temporaries_of_other_writers_are_not_seen) {
  Catalog catalog = sample_catalog(folder_);
  std::ofstream(folder_ / "tiles/half.tmp.123.0.parquet") << "PAR1";
  std::ofstream(folder_ / "tiles/.nfs0001") << "x";
  EXPECT_EQ(catalog.row_count(), 16);
}

TEST_F(CatalogTest, a_query_cannot_write_read_files_or_change_anything) {
  Catalog catalog = sample_catalog(folder_);
  std::ofstream(folder_ / "secret.csv") << "a\n1\n";
  const std::string out = (folder_ / "tiles/out.parquet").string();
  for (const std::string& sql : {
           "COPY tiles TO '" + out + "'",
           std::string("CREATE TABLE t (a INTEGER)"),
           std::string("DROP VIEW tiles"),
           std::string("INSERT INTO tile_template (tile_id) VALUES ('x')"),
           std::string("SET threads = 1"),
           "ATTACH '" + out + "'",
           std::string("PRAGMA threads=1"),
           std::string("INSTALL httpfs"),
           std::string("CALL pragma_version()"),
           std::string("EXPORT DATABASE '/tmp/x'"),
           std::string("SELECT 1; SELECT 2"),
           std::string("SELECT 1; DROP VIEW tiles"),
           "SELECT * FROM read_csv('" + (folder_ / "secret.csv").string() + "')",
           "SELECT * FROM '" + (folder_ / "secret.csv").string() + "'",
           std::string("SELECT * FROM read_text('/etc/passwd')"),
           std::string("SELECT * FROM glob('/etc/*')"),
           "SELECT * FROM read_parquet('" + (folder_ / "tiles/../../*").string() + "')",
           std::string("SELECT * FROM read_parquet('https://example.org/x.parquet')"),
           std::string("SELECT * FROM sqlite_scan('a', 'b')"),
           std::string("SELECT ?"),
           std::string(""),
           std::string("-- nothing"),
       })
    EXPECT_THAT(error_of([&] { catalog.query(sql); }), testing::StartsWith("User: ")) << sql;
  EXPECT_FALSE(fs::exists(out));
  EXPECT_EQ(catalog.row_count(), 16);
}

TEST_F(CatalogTest, a_query_ends_at_its_limits) {
  Catalog catalog = sample_catalog(folder_);
  EXPECT_THAT(error_of([&] {
                catalog.query(
                    "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b",
                    {.timeout_s = 0.2});
              }),
              AllOf(HasSubstr("User"), HasSubstr("limit of 0.2 s")));
  EXPECT_THAT(
      error_of([&] {
        catalog.query(
            "SELECT count(*) FROM (SELECT DISTINCT md5(range::VARCHAR) FROM range(5000000))",
            {.memory_mb = 60});
      }),
      AllOf(HasSubstr("Environment"), HasSubstr("emory")));
  const ResultTable table = catalog.query("FROM tiles", {.max_rows = 3});
  EXPECT_EQ(table.rows.size(), 3u);
  EXPECT_TRUE(table.truncated);
  EXPECT_FALSE(catalog.query("FROM tiles", {.max_rows = 16}).truncated);
  EXPECT_THROW(catalog.query("SELECT 1", {.threads = -1}), Error);
  EXPECT_THROW(catalog.query("SELECT 1", {.memory_mb = -1}), Error);
  EXPECT_THROW(catalog.query("SELECT 1", {.timeout_s = -1}), Error);
  EXPECT_THROW(catalog.query("SELECT 1", {.max_rows = -1}), Error);
}

TEST_F(CatalogTest, a_part_of_an_earlier_version_reads_as_null_where_it_lacks_a_column) {
  Catalog catalog = sample_catalog(folder_);
  DuckdbSession().execute(
      "COPY (SELECT 'old' AS tile_id, 'oldkey' AS tile_key, 'old.gz' AS uri, 'early' AS ingest_id) "
      "TO '" +
      (folder_ / "tiles/early.parquet").string() +
      "' (FORMAT parquet, KV_METADATA {canopy_part_schema: '1'})");
  const ResultTable table =
      catalog.query("SELECT tile_id, gsd_m, crop FROM examples WHERE ingest_id = 'early'");
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_THAT(table.rows[0], ElementsAre(Cell("old"), Cell(), Cell()));
}

TEST_F(CatalogTest, a_writer_that_is_killed_leaves_no_half_part) {
  Catalog catalog = Catalog::open(folder_.string());
  for (const int delay_us : {2000, 8000, 20000, 40000, 60000, 90000}) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int i = 0;; ++i) {
        const std::string id = "own-" + std::to_string(delay_us) + "-" + std::to_string(i);
        std::vector<TileRow> rows;
        for (int k = 0; k < 50; ++k) rows.push_back(sample_row(id, "Oak", k));
        catalog.commit_part(id, rows);
      }
    }
    ::usleep(static_cast<useconds_t>(delay_us * 4));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(catalog.row_count() % 50, 0);
  }
}

}  // namespace
}  // namespace canopy
