// SPDX-License-Identifier: Apache-2.0
#include "registry/sqlite_session.h"

#include <sqlite3.h>

#include "base/error.h"

namespace canopy {
namespace {

class SqliteRow final : public SqlSession::Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  std::string text(int column) const override {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes ? std::string(bytes,
                               static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
                 : std::string();
  }
  std::int64_t whole(int column) const override { return sqlite3_column_int64(statement_, column); }
  double number(int column) const override { return sqlite3_column_double(statement_, column); }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

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

void SqliteSession::execute(const std::string& script) {
  impl_->ensure(sqlite3_exec(impl_->database, script.c_str(), nullptr, nullptr, nullptr));
}

int SqliteSession::run(const std::string& sql,
                       const std::vector<Value>& values,
                       const Visit& visit) {
  sqlite3_stmt* raw = nullptr;
  impl_->ensure(sqlite3_prepare_v2(impl_->database, sql.c_str(), -1, &raw, nullptr));
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
  for (std::size_t i = 0; i < values.size(); ++i) {
    // SQLite numbers names in the order in which they appear, Postgres by what they say.
    const std::string name = "$" + std::to_string(i + 1);
    const int named = sqlite3_bind_parameter_index(raw, name.c_str());
    const int place = named > 0 ? named : static_cast<int>(i + 1);
    if (const auto* whole = std::get_if<std::int64_t>(&values[i]))
      impl_->ensure(sqlite3_bind_int64(raw, place, *whole));
    else if (const auto* number = std::get_if<double>(&values[i]))
      impl_->ensure(sqlite3_bind_double(raw, place, *number));
    else if (const auto* text = std::get_if<std::string>(&values[i]))
      impl_->ensure(sqlite3_bind_text(
          raw, place, text->data(), static_cast<int>(text->size()), SQLITE_TRANSIENT));
  }
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(raw)) == SQLITE_ROW)
    if (visit) visit(SqliteRow(raw));
  if (code != SQLITE_DONE) impl_->fail(code);
  return sqlite3_changes(impl_->database);
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
