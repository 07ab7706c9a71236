// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "registry/sql_session.h"

// SQLite as the registry uses it. The journal is a rollback journal and not WAL, whose shared
// memory does not work over network file systems; writers begin with the write lock in hand, so
// that nobody deadlocks by upgrading; whoever finds the file busy waits.

namespace canopy {

/// One connection; for one thread at a time.
class SqliteSession : public SqlSession {
 public:
  /// Makes the file when missing. Throws User when it is no SQLite file, Environment when it cannot
  /// be opened.
  explicit SqliteSession(const std::filesystem::path& path, int wait_ms = 30000);
  ~SqliteSession() override;
  SqliteSession(const SqliteSession&) = delete;
  SqliteSession& operator=(const SqliteSession&) = delete;

  void execute(const std::string& script) override;
  int run(const std::string& sql,
          const std::vector<Value>& values = {},
          const Visit& visit = nullptr) override;
  /// Holds the write lock from its beginning.
  void transaction(const std::function<void()>& work) override;
  std::string now() const override { return "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace canopy
