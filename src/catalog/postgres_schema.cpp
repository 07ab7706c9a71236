// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_schema.h"

#include "base/error.h"

namespace canopy {
namespace {

std::int64_t version_of(PostgresSession& session, const PostgresSchema& schema) {
  std::int64_t version = 0;
  if (has_table(session, schema.version_table))
    session.run("SELECT version FROM " + schema.version_table, {}, [&](const auto& row) {
      version = row.whole(0);
    });
  return version;
}

}  // namespace

bool has_table(PostgresSession& session, const std::string& name) {
  bool found = false;
  session.run(
      "SELECT 1 FROM pg_class WHERE relname = $1 AND relnamespace = "
      "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())",
      {name},
      [&](const auto&) { found = true; });
  return found;
}

void require_known_version(const PostgresSession& session,
                           const PostgresSchema& schema,
                           std::int64_t version) {
  require(version <= static_cast<std::int64_t>(schema.migrations.size()), [&] {
    return session.name() + ": the " + schema.noun + " was written by a later version (schema " +
           std::to_string(version) + "); update canopy";
  });
}

void alone(PostgresSession& session, const std::function<void()>& work) {
  session.transaction("BEGIN; SET LOCAL lock_timeout = '30s'", [&] {
    session.execute("SELECT pg_advisory_xact_lock(1130458735)");  // "Cano"
    work();
  });
}

void migrate(PostgresSession& session, const PostgresSchema& schema) {
  const auto latest = static_cast<std::int64_t>(schema.migrations.size());
  const std::int64_t found = version_of(session, schema);
  require_known_version(session, schema, found);
  if (found == latest) return;
  alone(session, [&] {
    const std::int64_t before = version_of(session, schema);
    require_known_version(session, schema, before);
    for (const std::string& name : schema.names)
      require(before > 0 || !has_table(session, name), [&] {
        return session.name() + " holds a table '" + name +
               "' of another program; name another database for the " + schema.noun +
               ", or another schema by ?options=-csearch_path%3DNAME behind the address";
      });
    for (std::int64_t next = before; next < latest; ++next)
      session.execute(schema.migrations[static_cast<std::size_t>(next)]);
    if (before == 0)
      session.execute("CREATE TABLE " + schema.version_table +
                      " (version BIGINT NOT NULL); INSERT INTO " + schema.version_table +
                      " VALUES (0)");
    session.execute("UPDATE " + schema.version_table + " SET version = " + std::to_string(latest));
  });
}

}  // namespace canopy
