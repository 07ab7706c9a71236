// SPDX-License-Identifier: Apache-2.0
#include "registry/sqlite_session.h"

#include <sqlite3.h>

#include "base/error.h"

namespace canopy {

struct SqliteSession::Impl {
  sqlite3* database = nullptr;
  std::string name;
  int wait_ms = 0;

  ~Impl() { sqlite3_close_v2(database); }

  [[noreturn]] void fail(int code) const {
    const std::string words = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    switch (code & 0xff) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        throw Error(Fault::Environment,
                    name + ": another program has held it for more than " +
                        std::to_string(wait_ms / 1000) + " s; try again");
      case SQLITE_NOTADB:
      case SQLITE_CORRUPT:
        throw Error(Fault::User, name + ": is no SQLite file, or is damaged (" + words + ")");
      case SQLITE_ERROR:
      case SQLITE_MISUSE:
      case SQLITE_CONSTRAINT:
        throw Error(Fault::Bug, name + ": " + words);
      default:
        throw Error(Fault::Environment, name + ": " + words);
    }
  }
  void ensure(int code) const {
    if (code != SQLITE_OK) fail(code);
  }
};

SqliteSession::SqliteSession(const std::filesystem::path& path, int wait_ms)
    : impl_(std::make_unique<Impl>()) {
  impl_->name = path.string();
  impl_->wait_ms = wait_ms;
  impl_->ensure(sqlite3_open_v2(path.c_str(),
                                &impl_->database,
                                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
                                nullptr));
  impl_->ensure(sqlite3_busy_timeout(impl_->database, wait_ms));
  execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
}

SqliteSession::~SqliteSession() = default;

std::string SqliteSession::Row::text(int column) const {
  auto* statement = static_cast<sqlite3_stmt*>(statement_);
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return bytes
             ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)))
             : std::string();
}
std::int64_t SqliteSession::Row::whole(int column) const {
  return sqlite3_column_int64(static_cast<sqlite3_stmt*>(statement_), column);
}
double SqliteSession::Row::number(int column) const {
  return sqlite3_column_double(static_cast<sqlite3_stmt*>(statement_), column);
}

void SqliteSession::execute(const std::string& script) {
  impl_->ensure(sqlite3_exec(impl_->database, script.c_str(), nullptr, nullptr, nullptr));
}

int SqliteSession::run(const std::string& sql,
                       const std::vector<Value>& values,
                       const std::function<void(const Row&)>& visit) {
  sqlite3_stmt* raw = nullptr;
  impl_->ensure(sqlite3_prepare_v2(impl_->database, sql.c_str(), -1, &raw, nullptr));
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
  int place = 0;
  for (const Value& value : values) {
    ++place;
    if (value.kind == Value::Kind::Whole)
      impl_->ensure(sqlite3_bind_int64(raw, place, value.whole));
    else if (value.kind == Value::Kind::Number)
      impl_->ensure(sqlite3_bind_double(raw, place, value.number));
    else
      impl_->ensure(sqlite3_bind_text(
          raw, place, value.text.data(), static_cast<int>(value.text.size()), SQLITE_TRANSIENT));
  }
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(raw)) == SQLITE_ROW)
    if (visit) visit(Row(raw));
  if (code != SQLITE_DONE) impl_->fail(code);
  return sqlite3_changes(impl_->database);
}

std::int64_t SqliteSession::last_row_id() const {
  return sqlite3_last_insert_rowid(impl_->database);
}

void SqliteSession::transaction(const std::function<void()>& work) {
  execute("BEGIN IMMEDIATE");
  try {
    work();
    execute("COMMIT");
  } catch (...) {
    // A failure may have rolled back by itself; then there is nothing to undo.
    if (!sqlite3_get_autocommit(impl_->database))
      sqlite3_exec(impl_->database, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

}  // namespace canopy
