// SPDX-License-Identifier: Apache-2.0
#include "registry/postgres_registry.h"

#include <memory>

#include "catalog/postgres_schema.h"
#include "catalog/postgres_session.h"

namespace canopy {
namespace {

const PostgresSchema& registry_schema() {
  static const PostgresSchema schema = {
      .noun = "registry",
      .version_table = "registry_schema",
      .names = {"datasets", "runs", "costs", "models", "evaluations", "queries", "edges"},
      .migrations = {R"sql(
  CREATE FUNCTION registry_now() RETURNS TEXT LANGUAGE SQL VOLATILE AS
    $$SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')$$;
  CREATE TABLE datasets (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL DEFAULT registry_now(),
    manifest_sha256 TEXT NOT NULL, uri TEXT NOT NULL, tiles BIGINT NOT NULL, manifest TEXT NOT NULL);
  CREATE TABLE runs (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT PRIMARY KEY, status TEXT NOT NULL,
    started_at TEXT NOT NULL DEFAULT registry_now(), finished_at TEXT,
    dataset_id TEXT NOT NULL REFERENCES datasets (id), started_from TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE costs (
    run_id TEXT NOT NULL REFERENCES runs (id), recorded_at TEXT NOT NULL DEFAULT registry_now(),
    wall_s DOUBLE PRECISION NOT NULL, cpu_s DOUBLE PRECISION NOT NULL, device_s DOUBLE PRECISION NOT NULL,
    bytes_read BIGINT NOT NULL, examples_seen BIGINT NOT NULL, usd DOUBLE PRECISION NOT NULL);
  CREATE INDEX costs_of_run ON costs (run_id);
  CREATE TABLE models (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL DEFAULT registry_now(),
    run_id TEXT NOT NULL, uri TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE evaluations (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_id TEXT NOT NULL REFERENCES models (id), dataset_id TEXT NOT NULL REFERENCES datasets (id),
    split TEXT NOT NULL, created_at TEXT NOT NULL DEFAULT registry_now(), metrics TEXT NOT NULL);
  CREATE INDEX evaluations_of_model ON evaluations (model_id);
  CREATE TABLE queries (id TEXT PRIMARY KEY, text TEXT NOT NULL);
  CREATE TABLE edges (
    from_kind TEXT NOT NULL, from_id TEXT NOT NULL, to_kind TEXT NOT NULL, to_id TEXT NOT NULL,
    PRIMARY KEY (from_kind, from_id, to_kind, to_id));
  CREATE INDEX edges_back ON edges (to_kind, to_id);
)sql"}};
  return schema;
}

class RowOfPostgres final : public SqlSession::Row {
 public:
  explicit RowOfPostgres(const PostgresSession::Row& row) : row_(row) {}
  std::string text(int column) const override { return row_.text(column); }
  std::int64_t whole(int column) const override { return row_.whole(column); }
  double number(int column) const override { return row_.number(column); }

 private:
  const PostgresSession::Row& row_;
};

class SessionOfPostgres final : public SqlSession {
 public:
  // Every question here is of few rows that an index finds; the planner knows that of walks least
  // of all, and would compile them or hash the whole table at each of their steps.
  SessionOfPostgres(const std::string& url, int wait_ms)
      : session_(url, "SET jit = off; SET enable_hashjoin = off; SET enable_mergejoin = off"),
        wait_ms_(wait_ms) {
    migrate(session_, registry_schema());
  }

  void execute(const std::string& script) override { session_.execute(script); }
  int run(const std::string& sql, const std::vector<Value>& values, const Visit& visit) override {
    std::vector<Cell> cells;
    for (const Value& value : values)
      std::visit([&](const auto& plain) { cells.emplace_back(plain); }, value);
    return session_.run(sql, cells, [&](const PostgresSession::Row& row) {
      if (visit) visit(RowOfPostgres(row));
    });
  }
  void transaction(const std::function<void()>& work) override {
    session_.transaction("BEGIN; SET LOCAL lock_timeout = " + std::to_string(wait_ms_), [&] {
      std::int64_t version = 0;
      session_.run("SELECT version FROM registry_schema FOR UPDATE",
                   {},
                   [&](const PostgresSession::Row& row) { version = row.whole(0); });
      require_known_version(session_, registry_schema(), version);
      work();
    });
  }
  std::string now() const override { return "registry_now()"; }

 private:
  PostgresSession session_;
  int wait_ms_;
};

}  // namespace

PostgresRegistry::PostgresRegistry(const std::string& url, int wait_ms)
    : SqlRegistry(std::make_unique<SessionOfPostgres>(url, wait_ms)) {}

}  // namespace canopy
