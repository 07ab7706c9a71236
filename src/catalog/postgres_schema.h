// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/postgres_session.h"

// Tables of ours in somebody's database. They lie in the schema that is first in the role's
// search_path: public, unless somebody chose another. A table with one row says their version; it
// is made last, so that whoever finds it finds the others.

namespace canopy {

struct PostgresSchema {
  std::string noun;           ///< "registry", "catalog": for messages
  std::string version_table;  ///< "registry_schema"
  /// Tables and views that must not be there before: they would be another program's.
  std::vector<std::string> names;
  /// Each entry brings the tables one version further. Entries are never changed, only added.
  std::vector<std::string> migrations;
};

/// Whether there is a table or view of this name in the schema that is written to.
bool has_table(PostgresSession& session, const std::string& name);

/// Throws User when the version is later than the schema's latest.
void require_known_version(const PostgresSession& session,
                           const PostgresSchema& schema,
                           std::int64_t version);

/// Makes the tables, or brings them up to date, under a lock that any number of processes share.
/// Throws User for tables of another program or of a later version.
void migrate(PostgresSession& session, const PostgresSchema& schema);

/// Does `work` in a transaction that only one process at a time can have: for changes of tables.
void alone(PostgresSession& session, const std::function<void()>& work);

}  // namespace canopy
