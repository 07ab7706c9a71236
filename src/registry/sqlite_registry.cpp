// SPDX-License-Identifier: Apache-2.0
#include "registry/sqlite_registry.h"

#include <array>
#include <memory>
#include <system_error>

#include "base/error.h"
#include "registry/sqlite_session.h"

namespace canopy {
namespace {

using Row = SqlSession::Row;

/// "Cano": what a registry says of itself in its header.
constexpr std::int64_t kApplicationId = 0x43616e6f;

/// Each entry brings the schema one version further. Entries are never changed, only added.
constexpr std::array<const char*, 1> kMigrations = {R"sql(
  CREATE TABLE datasets (
    id TEXT PRIMARY KEY, name TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    manifest_sha256 TEXT NOT NULL, uri TEXT NOT NULL, tiles INTEGER NOT NULL, manifest TEXT NOT NULL);
  CREATE TABLE runs (
    id TEXT PRIMARY KEY, status TEXT NOT NULL,
    started_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), finished_at TEXT,
    dataset_id TEXT NOT NULL REFERENCES datasets (id), started_from TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE costs (
    run_id TEXT NOT NULL REFERENCES runs (id),
    recorded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    wall_s REAL NOT NULL, cpu_s REAL NOT NULL, device_s REAL NOT NULL,
    bytes_read INTEGER NOT NULL, examples_seen INTEGER NOT NULL, usd REAL NOT NULL);
  CREATE INDEX costs_of_run ON costs (run_id);
  CREATE TABLE models (
    id TEXT PRIMARY KEY, name TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    run_id TEXT NOT NULL, uri TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE evaluations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    model_id TEXT NOT NULL REFERENCES models (id), dataset_id TEXT NOT NULL REFERENCES datasets (id),
    split TEXT NOT NULL, created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    metrics TEXT NOT NULL);
  CREATE INDEX evaluations_of_model ON evaluations (model_id);
  CREATE TABLE queries (id TEXT PRIMARY KEY, text TEXT NOT NULL);
  CREATE TABLE edges (
    from_kind TEXT NOT NULL, from_id TEXT NOT NULL, to_kind TEXT NOT NULL, to_id TEXT NOT NULL,
    PRIMARY KEY (from_kind, from_id, to_kind, to_id)) WITHOUT ROWID;
  CREATE INDEX edges_back ON edges (to_kind, to_id);
)sql"};

/// The path, once the folder that it lies in is there.
const std::filesystem::path& with_folder(const std::filesystem::path& path) {
  std::error_code code;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), code);
  if (code) throw Error(Fault::Environment, path.parent_path().string() + ": " + code.message());
  return path;
}

}  // namespace

SqliteRegistry::SqliteRegistry(const std::filesystem::path& path, int wait_ms)
    : SqlRegistry(std::make_unique<SqliteSession>(with_folder(path), wait_ms)) {
  migrate(path.string());
}

void SqliteRegistry::migrate(const std::string& name) {
  const auto pragma = [&](const char* what) {
    std::int64_t value = 0;
    session().run(std::string("PRAGMA ") + what, {}, [&](const Row& row) { value = row.whole(0); });
    return value;
  };
  const auto latest = static_cast<std::int64_t>(kMigrations.size());
  if (pragma("user_version") == latest && pragma("application_id") == kApplicationId) return;
  session().transaction([&] {
    const std::int64_t version = pragma("user_version");
    bool empty = true;
    session().run("SELECT 1 FROM sqlite_master LIMIT 1", {}, [&](const Row&) { empty = false; });
    require(empty || pragma("application_id") == kApplicationId, [&] {
      return name + ": is another program's database; name another file for the registry";
    });
    require(version <= latest, [&] {
      return name + ": was written by a later version (schema " + std::to_string(version) +
             "); update canopy";
    });
    for (std::int64_t next = version; next < latest; ++next) session().execute(kMigrations[next]);
    session().execute("PRAGMA application_id = " + std::to_string(kApplicationId) +
                      "; PRAGMA user_version = " + std::to_string(latest));
  });
}

}  // namespace canopy
