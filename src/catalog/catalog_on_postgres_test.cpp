// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "base/process_for_test.h"
#include "catalog/catalog_fixture.h"
#include "catalog/catalog_score_contract.h"
#include "catalog/catalog_snapshot_contract.h"
#include "catalog/postgres_fixture.h"
#include "catalog/postgres_session.h"
#include "catalog/snapshot.h"
#include "catalog/sql_cases.h"

namespace canopy {
namespace {

using testing::AllOf;
using testing::HasSubstr;

PostgresServer& server() { return PostgresServer::instance(); }

std::string& contract_url() {
  static std::string url;
  return url;
}

INSTANTIATE_TEST_SUITE_P(
    Postgres,
    CatalogContract,
    testing::Values(CatalogBackend{
        "postgres",
        [] {
          contract_url() = server().fresh_database();
          return Catalog::open(contract_url());
        },
        [](const std::string& key, const std::string& run, const std::string& at, double loss) {
          PostgresSession(contract_url())
              .run(
                  "INSERT INTO scores (tile_key, run_id, scored_at, step, loss) "
                  "VALUES ($1, $2, $3, 100, $4)",
                  {key, run, at, loss});
        }}),
    [](const auto& param) { return std::string(param.param.name); });

Catalog sample_in(const std::string& url) {
  Catalog catalog = Catalog::open(url);
  for (const char* ingest : {"2024-alder", "2024-birch", "2025-lemon", "2025-fixed"})
    catalog.commit_part(ingest, sample_ingest(ingest));
  return catalog;
}

class PostgresSql : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(PostgresSql, answers_as_the_file_says) {
  expect_answers_of(sample_in(server().fresh_database()), GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    , PostgresSql, testing::ValuesIn(sql_case_files("postgres")), [](const auto& param) {
      return param.param.parent_path().filename().string() + "_" + param.param.stem().string();
    });

class PostgresCatalogTest : public testing::Test {
 protected:
  static std::vector<TileRow> oaks(const std::string& id, int count) {
    std::vector<TileRow> rows;
    for (int i = 0; i < count; ++i) rows.push_back(sample_row(id, "Oak", i));
    return rows;
  }

  std::string url_ = server().fresh_database();
};

TEST_F(PostgresCatalogTest, eight_processes_ingest_at_once_and_no_row_is_lost) {
  std::vector<pid_t> children;
  for (int child = 0; child < 8; ++child)
    children.push_back(child_that([&] {
      Catalog catalog = Catalog::open(url_);  // also the tables are made by all at once
      for (int i = 0; i < 5; ++i) {
        const std::string id = "own-" + std::to_string(child) + "-" + std::to_string(i);
        if (!catalog.commit_part(id, oaks(id, 40))) ::_exit(8);
        catalog.commit_part("shared-" + std::to_string(i), oaks("shared-" + std::to_string(i), 40));
      }
    }));
  for (const pid_t child : children) EXPECT_EQ(status_of(child), 0);
  const Catalog catalog = Catalog::open(url_);
  EXPECT_EQ(catalog.row_count(), (8 * 5 + 5) * 40);
  EXPECT_EQ(catalog.read_rows("ingest_id = 'shared-3'").size(), 40u);
}

TEST_F(PostgresCatalogTest, a_writer_that_is_killed_leaves_no_half_ingest) {
  const Catalog catalog = Catalog::open(url_);
  // Later and later, until one had the time to commit something.
  for (int round = 1; round <= 4 || (round < 40 && catalog.row_count() == 0); ++round) {
    const pid_t child = child_that([&] {
      Catalog own = Catalog::open(url_);
      for (int i = 0;; ++i) {
        const std::string id = "own-" + std::to_string(round) + "-" + std::to_string(i);
        own.commit_part(id, oaks(id, 200));
      }
    });
    ::usleep(static_cast<useconds_t>(30000 * round));
    ::kill(child, SIGKILL);
    EXPECT_TRUE(WIFSIGNALED(status_of(child)));
    EXPECT_EQ(catalog.row_count() % 200, 0);
  }
  EXPECT_GT(catalog.row_count(), 0);
}

TEST_F(PostgresCatalogTest, a_server_that_is_killed_while_rows_arrive_keeps_none_of_them) {
  Catalog catalog = sample_in(url_);
  const std::vector<TileRow> rows = oaks("oaks", 5000);
  std::size_t at = 0;
  EXPECT_THAT(error_of([&] {
                catalog.commit_part("oaks", [&](TileRow& row) {
                  if (at == 4000) server().kill();
                  if (at == rows.size()) return false;
                  row = rows[at++];
                  return true;
                });
              }),
              AllOf(HasSubstr("Environment"), HasSubstr("connection was lost")));
  server().start();
  EXPECT_EQ(catalog.row_count(), 16) << "what was acknowledged is there, and nothing else";
  EXPECT_FALSE(catalog.has_part("oaks"));
  EXPECT_TRUE(catalog.commit_part("oaks", rows));
  EXPECT_EQ(catalog.row_count(), 5016);
}

TEST_F(PostgresCatalogTest, a_query_that_runs_for_ever_ends_at_its_limit) {
  const Catalog catalog = sample_in(url_);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(error_of([&] { catalog.query("SELECT pg_sleep(100)", {.timeout_s = 0.2}); }),
              AllOf(HasSubstr("User"), HasSubstr("limit of 0.2 s")));
  EXPECT_THAT(error_of([&] {
                catalog.query(
                    "SELECT sum(a * b) FROM generate_series(1, 100000000) AS a, "
                    "generate_series(1, 100000000) AS b",
                    {.timeout_s = 0.2});
              }),
              AllOf(HasSubstr("User"), HasSubstr("limit of 0.2 s")));
  // A query cannot give itself more time.
  EXPECT_THAT(error_of([&] {
                catalog.query("SELECT set_config('statement_timeout', '0', false), pg_sleep(100)",
                              {.timeout_s = 0.2});
              }),
              HasSubstr("limit of 0.2 s"));
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  EXPECT_LT(spent.count(), 10);
}

TEST_F(PostgresCatalogTest, memory_and_threads_are_the_server_s_settings_for_one_query) {
  const Catalog catalog = sample_in(url_);
  const auto setting = [&](const std::string& name, const QueryLimits& limits) {
    return to_text(
        catalog.query("SELECT current_setting('" + name + "')", limits).rows.at(0).at(0));
  };
  EXPECT_EQ(setting("work_mem", {.memory_mb = 60}), "60MB");
  EXPECT_EQ(setting("max_parallel_workers_per_gather", {.threads = 2}), "1");
  EXPECT_EQ(setting("statement_timeout", {.timeout_s = 5}), "7s");
  EXPECT_EQ(setting("transaction_read_only", {}), "on");
}

TEST_F(PostgresCatalogTest, a_query_leaves_nothing_behind) {
  const Catalog catalog = sample_in(url_);
  catalog.query("SELECT lo_create(4711), set_config('work_mem', '1GB', false)");
  std::int64_t objects = 1;
  PostgresSession(url_).run("SELECT count(*) FROM pg_largeobject_metadata",
                            {},
                            [&](const auto& row) { objects = row.whole(0); });
  EXPECT_EQ(objects, 0);
}

TEST_F(PostgresCatalogTest, a_superuser_is_refused_for_its_queries_could_read_the_server_s_files) {
  sample_in(url_);
  EXPECT_THAT(error_of([&] { Catalog::open(PostgresServer::for_user(url_, "canopy_admin")); }),
              AllOf(HasSubstr("User: "),
                    HasSubstr("'canopy_admin' may read the server's files"),
                    HasSubstr("docs/postgres.md")));
}

TEST_F(PostgresCatalogTest, queries_run_as_the_reader_where_there_is_one) {
  server().as_superuser(url_,
                        "DROP ROLE IF EXISTS canopy_reader; CREATE ROLE canopy_reader; "
                        "GRANT canopy_reader TO tester");
  const Catalog catalog = sample_in(url_);
  EXPECT_EQ(catalog.query("SELECT current_user").rows.at(0).at(0), Cell("canopy_reader"));
  EXPECT_EQ(to_text(catalog.query("SELECT count(*) FROM examples").rows.at(0).at(0)), "15");
  PostgresSession(url_).execute("CREATE TABLE wages (who TEXT)");
  EXPECT_THAT(error_of([&] { catalog.query("SELECT * FROM wages"); }),
              HasSubstr("permission denied for table wages"));
  server().as_superuser(url_, "DROP OWNED BY canopy_reader; DROP ROLE canopy_reader");
}

TEST_F(PostgresCatalogTest, a_role_that_may_only_read_asks_and_makes_datasets_and_cannot_ingest) {
  // As docs/postgres.md has it, where the roles came after the tables.
  sample_in(url_);
  server().as_superuser(url_,
                        "DROP ROLE IF EXISTS anna, canopy_reader; CREATE ROLE canopy_reader; "
                        "CREATE ROLE anna LOGIN; GRANT canopy_reader TO anna");
  PostgresSession(url_).execute(
      "GRANT USAGE ON SCHEMA public TO canopy_reader; "
      "GRANT SELECT ON tiles, scores, examples, ingests, catalog_schema TO canopy_reader");
  Catalog catalog = Catalog::open(PostgresServer::for_user(url_, "anna"));
  EXPECT_EQ(to_text(catalog.query("SELECT count(*) FROM examples").rows.at(0).at(0)), "15");
  ScratchFolder scratch;
  EXPECT_EQ(create_snapshot(catalog, {.name = "all", .split = "train=100"}, scratch.path())
                .snapshot.tile_count(),
            15);
  EXPECT_THAT(error_of([&] { catalog.commit_part("oaks", oaks("oaks", 3)); }),
              AllOf(HasSubstr("User: database"),
                    HasSubstr("permission denied for table ingests"),
                    HasSubstr("docs/postgres.md")));
  server().as_superuser(url_, "DROP OWNED BY anna, canopy_reader; DROP ROLE anna, canopy_reader");
}

TEST_F(PostgresCatalogTest, rows_that_somebody_deleted_are_missed) {
  Catalog catalog = sample_in(url_);
  PostgresSession(url_).execute(
      "DELETE FROM tiles WHERE ingest_id = '2024-alder' AND window_x = 0");
  EXPECT_THAT(error_of([&] { catalog.commit_part("2024-alder", sample_ingest("2024-alder")); }),
              AllOf(HasSubstr("Conflict"), HasSubstr("had 6 rows and has 5 now")));
}

TEST_F(PostgresCatalogTest, a_column_that_a_later_program_knows_is_added) {
  sample_in(url_);
  PostgresSession(url_).execute(
      "DROP VIEW examples; ALTER TABLE tiles DROP COLUMN cultivar, DROP COLUMN cut_by_edge");
  const Catalog catalog = Catalog::open(url_);
  EXPECT_EQ(catalog.query("SELECT cultivar, cut_by_edge FROM examples").rows.size(), 15u);
  EXPECT_EQ(catalog.read_rows().size(), 16u);
}

TEST_F(PostgresCatalogTest, tables_of_other_programs_and_of_later_versions_are_refused) {
  PostgresSession(url_).execute("CREATE TABLE tiles (map TEXT)");
  EXPECT_THAT(error_of([&] { Catalog::open(url_); }),
              AllOf(HasSubstr("a table 'tiles' of another program"), HasSubstr("search_path")));
  const std::string other = server().fresh_database();
  sample_in(other);
  PostgresSession(other).execute("UPDATE catalog_schema SET version = 99");
  EXPECT_THAT(error_of([&] { Catalog::open(other); }), HasSubstr("later version (schema 99)"));
}

TEST_F(PostgresCatalogTest, there_are_no_parts_and_no_folder) {
  const Catalog catalog = Catalog::open(url_);
  EXPECT_TRUE(catalog.parts().empty());
  EXPECT_THAT(error_of([&] { (void)catalog.folder(); }), HasSubstr("is in a database"));
}

}  // namespace
}  // namespace canopy
