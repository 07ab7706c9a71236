// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "registry/sql_registry.h"

namespace canopy {

/// The registry as tables in a PostgreSQL database, in the schema that is first in the role's
/// search_path (public, unless somebody chose another). The tables are made when they are missing.
///
/// The table `registry_schema` has one row: the version of the tables. Whoever writes locks that
/// row first and keeps it to the end of the transaction, so that writers of any number of machines
/// take turns, each sees all that the one before wrote, and nobody ever has to begin again; readers
/// wait for nobody. Times are the server's.
class PostgresRegistry : public SqlRegistry {
 public:
  /// Throws User for an address that is wrong, for a schema where tables of these names are another
  /// program's, and for a registry of a later version; Environment when the server is not there.
  explicit PostgresRegistry(const std::string& url, int wait_ms = 30000);
};

}  // namespace canopy
