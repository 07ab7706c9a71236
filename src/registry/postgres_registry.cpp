// SPDX-License-Identifier: Apache-2.0
#include "registry/postgres_registry.h"

#include <array>
#include <memory>
#include <utility>

#include "base/error.h"
#include "catalog/postgres_session.h"

namespace canopy {
namespace {

/// Each entry brings the tables one version further. Entries are never changed, only added.
constexpr std::array<const char*, 1> kMigrations = {R"sql(
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
)sql"};

/// Of the lock under which the tables are made: "Cano".
constexpr const char* kMigrationLock = "SELECT pg_advisory_xact_lock(1130458735)";

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
        wait_ms_(wait_ms) {}

  std::string name() const { return session_.name(); }
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
    session_.transaction(begin(), [&] {
      std::int64_t version = 0;
      session_.run("SELECT version FROM registry_schema FOR UPDATE",
                   {},
                   [&](const PostgresSession::Row& row) { version = row.whole(0); });
      require_version(version);
      work();
    });
  }
  /// A transaction in which the tables are made: there is no row to lock yet.
  void migration(const std::function<void()>& work) {
    session_.transaction(begin(), [&] {
      session_.execute(kMigrationLock);
      work();
    });
  }
  std::string now() const override { return "registry_now()"; }

  void require_version(std::int64_t version) const {
    require(version <= static_cast<std::int64_t>(kMigrations.size()), [&] {
      return name() + ": the registry was written by a later version (schema " +
             std::to_string(version) + "); update canopy";
    });
  }

 private:
  std::string begin() const {
    return "BEGIN; SET LOCAL lock_timeout = " + std::to_string(wait_ms_);
  }

  PostgresSession session_;
  int wait_ms_;
};

SessionOfPostgres& of_postgres(SqlSession& session) {
  return static_cast<SessionOfPostgres&>(session);
}

}  // namespace

PostgresRegistry::PostgresRegistry(const std::string& url, int wait_ms)
    : SqlRegistry(std::make_unique<SessionOfPostgres>(url, wait_ms)) {
  migrate();
}

bool PostgresRegistry::has_table(const std::string& name) const {
  bool found = false;
  session().run(
      "SELECT 1 FROM pg_class WHERE relname = $1 AND relnamespace = (SELECT oid FROM "
      "pg_namespace WHERE nspname = current_schema())",
      {name},
      [&](const auto&) { found = true; });
  return found;
}

void PostgresRegistry::migrate() {
  SessionOfPostgres& postgres = of_postgres(session());
  const auto latest = static_cast<std::int64_t>(kMigrations.size());
  const auto version = [&] {
    std::int64_t value = 0;
    if (has_table("registry_schema"))
      postgres.run("SELECT version FROM registry_schema", {}, [&](const auto& row) {
        value = row.whole(0);
      });
    return value;
  };
  postgres.require_version(version());
  if (version() == latest) return;
  postgres.migration([&] {
    const std::int64_t before = version();
    for (const char* table :
         {"datasets", "runs", "costs", "models", "evaluations", "queries", "edges"})
      require(before > 0 || !has_table(table), [&] {
        return postgres.name() + " holds a table '" + table +
               "' of another program; name another database for the registry, or another schema by "
               "?options=-csearch_path%3DNAME behind the address";
      });
    for (std::int64_t next = before; next < latest; ++next)
      postgres.execute(kMigrations[static_cast<std::size_t>(next)]);
    if (before == 0)
      postgres.execute(
          "CREATE TABLE registry_schema (version BIGINT NOT NULL); "
          "INSERT INTO registry_schema VALUES (0)");
    postgres.execute("UPDATE registry_schema SET version = " + std::to_string(latest));
  });
}

}  // namespace canopy
