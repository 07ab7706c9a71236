// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.h"

#include "base/error.h"
#include "catalog/postgres_address.h"
#include "registry/postgres_registry.h"
#include "registry/sqlite_registry.h"

namespace canopy {

const char* name_of(RunStatus status) {
  switch (status) {
    case RunStatus::Running:
      return "running";
    case RunStatus::Done:
      return "done";
    case RunStatus::Failed:
      return "failed";
    case RunStatus::Interrupted:
      return "interrupted";
  }
  return "?";
}

std::unique_ptr<Registry> Registry::open(const std::string& url) {
  if (is_postgres_url(url)) return std::make_unique<PostgresRegistry>(url);
  require(!url.empty() && url.find("://") == std::string::npos, [&] {
    return "registry '" + without_password(url) +
           "': give the path of an SQLite file, or postgres://user@host/database";
  });
  return std::make_unique<SqliteRegistry>(url);
}

}  // namespace canopy
