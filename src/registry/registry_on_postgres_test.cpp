// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "base/error_for_test.h"
#include "base/process_for_test.h"
#include "catalog/postgres_fixture.h"
#include "catalog/postgres_session.h"
#include "registry/postgres_registry.h"
#include "registry/registry_contract.h"

namespace canopy {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

PostgresServer& server() { return PostgresServer::instance(); }

std::string& contract_url() {
  static std::string url;
  return url;
}

INSTANTIATE_TEST_SUITE_P(Postgres,
                         RegistryContract,
                         testing::Values(RegistryBackend{
                             "postgres",
                             [] { contract_url() = server().fresh_database(); },
                             [] { return Registry::open(contract_url()); }}),
                         [](const auto& param) { return std::string(param.param.name); });

class PostgresRegistryTest : public testing::Test {
 protected:
  std::string error_of_opening(const std::string& url) const {
    return error_of([&] { PostgresRegistry registry(url, 200); });
  }

  std::string url_ = server().fresh_database();
};

void record_forever(const std::string& url, int seed) {
  PostgresRegistry registry(url);
  for (int i = 0;; ++i) {
    const std::string id = std::to_string(seed) + "-" + std::to_string(i);
    registry.record_dataset({{"id", "d" + id}, {"name", "n"}, {"query", "q" + id}}, "s", "u");
    registry.begin_run({{"id", "r" + id}, {"dataset_id", "d" + id}});
    registry.finish_run("r" + id, RunStatus::Done, {.wall_s = 1});
    registry.record_model({{"id", "m" + id}, {"name", "m"}, {"uri", "u"}, {"run_id", "r" + id}});
  }
}

TEST_F(PostgresRegistryTest, survives_writers_that_are_killed_at_any_moment) {
  PostgresRegistry registry(url_);
  for (int round = 0; round < 6; ++round) {
    const pid_t one = child_that([&] { record_forever(url_, 2 * round); }),
                two = child_that([&] { record_forever(url_, 2 * round + 1); });
    ::usleep(static_cast<useconds_t>(20000 + 23000 * round));
    for (const pid_t child : {one, two}) {
      ::kill(child, SIGKILL);
      EXPECT_TRUE(WIFSIGNALED(status_of(child))) << "the writer failed by itself";
    }
    for (const RunRecord& run : registry.runs())
      EXPECT_DOUBLE_EQ(run.cost.wall_s, run.status == RunStatus::Done ? 1 : 0) << run.id;
    for (const ModelRecord& model : registry.models())
      EXPECT_EQ(registry.lineage(model.id).nodes.size(), 4u) << model.id;
  }
  EXPECT_FALSE(registry.models().empty());
}

TEST_F(PostgresRegistryTest, many_processes_may_make_the_tables_at_once_and_lose_no_row) {
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i)
    children.push_back(child_that([&] {
      PostgresRegistry registry(url_);
      for (int k = 0; k < 10; ++k)
        registry.record_model({{"id", "m" + std::to_string(i) + "-" + std::to_string(k)},
                               {"name", "m"},
                               {"uri", "u"}});
    }));
  for (const pid_t child : children) EXPECT_EQ(status_of(child), 0);
  EXPECT_EQ(PostgresRegistry(url_).models().size(), 80u);
}

TEST_F(PostgresRegistryTest, goes_on_after_the_server_was_restarted) {
  PostgresRegistry registry(url_);
  registry.record_model({{"id", "m1"}, {"name", "m"}, {"uri", "u"}});
  server().kill();
  EXPECT_THAT(error_of([&] { registry.models(); }),
              AllOf(HasSubstr("Environment"), HasSubstr("cannot be opened")));
  server().start();
  EXPECT_EQ(registry.models().size(), 1u);
  server().kill();
  server().start();
  EXPECT_TRUE(registry.record_model({{"id", "m2"}, {"name", "m"}, {"uri", "u"}}));
  EXPECT_EQ(registry.models().size(), 2u);
}

TEST_F(PostgresRegistryTest, waits_for_a_holder_and_says_so_when_the_wait_is_over) {
  PostgresRegistry registry(url_, 200);
  PostgresSession holder(url_);
  holder.execute("BEGIN; SELECT version FROM registry_schema FOR UPDATE");
  EXPECT_EQ(registry.models().size(), 0u) << "readers wait for nobody";
  EXPECT_THAT(error_of([&] {
                registry.record_model({{"id", "m"}, {"name", "m"}, {"uri", "u"}});
              }),
              AllOf(HasSubstr("Environment"), HasSubstr("another program has held it")));
  holder.execute("COMMIT");
  EXPECT_TRUE(registry.record_model({{"id", "m"}, {"name", "m"}, {"uri", "u"}}));
}

TEST_F(PostgresRegistryTest, refuses_tables_of_other_programs_and_of_later_versions) {
  PostgresSession(url_).execute("CREATE TABLE runs (url TEXT)");
  EXPECT_THAT(error_of_opening(url_),
              AllOf(HasSubstr("User: database 'test_"),
                    HasSubstr("a table 'runs' of another program"),
                    HasSubstr("search_path")));
  PostgresSession(url_).execute("CREATE SCHEMA trees");
  EXPECT_EQ(error_of_opening(url_ + "&options=-csearch_path%3Dtrees"), "no error");
  PostgresSession(url_).execute("UPDATE trees.registry_schema SET version = 99");
  EXPECT_THAT(error_of_opening(url_ + "&options=-csearch_path%3Dtrees"),
              HasSubstr("later version (schema 99)"));
}

TEST_F(PostgresRegistryTest, an_address_that_leads_nowhere_is_named_with_host_port_and_database) {
  EXPECT_THAT(error_of_opening("postgres://me@127.0.0.1:1/farm"),
              AllOf(HasSubstr("Environment: database 'farm' on 127.0.0.1:1"),
                    HasSubstr("see that the server runs")));
  const std::size_t end = url_.find('?');
  const std::string missing = url_.substr(0, url_.rfind('/', end)) + "/orchids" + url_.substr(end);
  EXPECT_THAT(error_of_opening(missing), AllOf(HasSubstr("'orchids'"), HasSubstr("create it")));
  EXPECT_THAT(error_of_opening("postgres://host:port/db"), HasSubstr("\"port\""));
  EXPECT_THAT(error_of_opening("postgres://me@[::1/db"), HasSubstr("cannot be read"));
}

TEST_F(PostgresRegistryTest, a_password_comes_from_the_environment_and_is_never_shown) {
  for (const char* url : {"postgres://me:s3cret@127.0.0.1:1/farm",
                          "postgres://me@127.0.0.1:1/farm?password=s3cret",
                          "postgres://me:s3cret@127.0.0.1:x/farm"})
    EXPECT_THAT(error_of_opening(url), AllOf(HasSubstr("User: "), Not(HasSubstr("s3cret")))) << url;
  EXPECT_THAT(error_of_opening("postgres://me:s3cret@127.0.0.1:1/farm"),
              AllOf(HasSubstr("me:***@127.0.0.1"), HasSubstr("PGPASSWORD")));
  ::setenv("PGPASSWORD", "s3cret", 1);
  EXPECT_THAT(error_of_opening("postgres://me@127.0.0.1:1/farm"), Not(HasSubstr("s3cret")));
  ::unsetenv("PGPASSWORD");
}

TEST_F(PostgresRegistryTest, a_role_without_rights_is_told_so) {
  { PostgresRegistry registry(url_); }
  server().as_superuser(url_, "DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN");
  EXPECT_THAT(error_of_opening(PostgresServer::for_user(url_, "stranger")),
              AllOf(HasSubstr("User: "), HasSubstr("permission denied"), HasSubstr("postgres.md")));
  // With the rights of docs/postgres.md it records as the owner does.
  PostgresSession(url_).execute(
      "GRANT SELECT, INSERT, UPDATE ON datasets, runs, costs, models, evaluations, queries, edges, "
      "registry_schema TO stranger");
  PostgresRegistry registry(PostgresServer::for_user(url_, "stranger"));
  registry.record_dataset({{"id", "d"}, {"name", "n"}, {"query", "q"}}, "s", "u");
  registry.begin_run({{"id", "r"}, {"dataset_id", "d"}});
  registry.finish_run("r", RunStatus::Done, {.wall_s = 1});
  registry.record_model({{"id", "m"}, {"name", "m"}, {"uri", "u"}, {"run_id", "r"}});
  EXPECT_EQ(registry.record_evaluation("m", "d", "test", {{"ap", 0.5}}), 1);
  server().as_superuser(url_, "DROP OWNED BY stranger; DROP ROLE stranger");
}

TEST_F(PostgresRegistryTest, lineage_of_a_thousand_runs_takes_milliseconds) {
  PostgresRegistry registry(url_);
  PostgresSession(url_).execute(R"sql(
    INSERT INTO datasets (id, name, manifest_sha256, uri, tiles, manifest)
      SELECT 'd' || i, 'd', '', '', 1, '{}' FROM generate_series(0, 999) AS i;
    INSERT INTO runs (id, status, dataset_id, started_from, body)
      SELECT 'r' || i, 'done', 'd' || i, '', '{}' FROM generate_series(0, 999) AS i;
    INSERT INTO models (id, name, run_id, uri, body)
      SELECT 'm' || i, 'm', 'r' || i, '', '{}' FROM generate_series(0, 999) AS i;
    INSERT INTO edges SELECT 'dataset', 'd' || i, 'run', 'r' || i FROM generate_series(0, 999) AS i;
    INSERT INTO edges SELECT 'run', 'r' || i, 'model', 'm' || i FROM generate_series(0, 999) AS i;
    INSERT INTO edges SELECT 'model', 'm' || i, 'run', 'r' || i + 1 FROM generate_series(0, 998) AS i;
  )sql");
  EXPECT_EQ(registry.lineage("m500").nodes.size(), 1503u + 998u);
  const auto start = std::chrono::steady_clock::now();
  const Lineage lineage = registry.lineage("m3");
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(lineage.nodes.size(), 12u + 2 * 996u);
  EXPECT_LT(spent.count(), 0.3);
  RecordProperty("lineage_ms", std::to_string(spent.count() * 1000));
}

}  // namespace
}  // namespace canopy
