// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "registry/sql_registry.h"

namespace canopy {

/// The registry as one SQLite file. The schema's version stands in PRAGMA user_version; a file of
/// an earlier version is brought up to date when it is opened.
class SqliteRegistry : public SqlRegistry {
 public:
  explicit SqliteRegistry(const std::filesystem::path& path, int wait_ms = 30000);

 private:
  void migrate(const std::string& name);
};

}  // namespace canopy
