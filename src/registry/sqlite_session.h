// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

// SQLite as the registry uses it. The journal is a rollback journal and not WAL, whose shared
// memory does not work over network file systems; writers begin with the write lock in hand, so
// that nobody deadlocks by upgrading; whoever finds the file busy waits.

namespace canopy {

/// One connection; for one thread at a time.
class SqliteSession {
 public:
  /// Makes the file when missing. Throws User when it is no SQLite file, Environment when it cannot
  /// be opened.
  explicit SqliteSession(const std::filesystem::path& path, int wait_ms = 30000);
  ~SqliteSession();
  SqliteSession(const SqliteSession&) = delete;
  SqliteSession& operator=(const SqliteSession&) = delete;

  /// A value for a '?': text, or a number.
  struct Value {
    Value(const std::string& value) : text(value) {}  // NOLINT(google-explicit-constructor)
    Value(const char* value) : text(value) {}         // NOLINT(google-explicit-constructor)
    Value(std::int64_t value)
        : kind(Kind::Whole), whole(value) {}  // NOLINT(google-explicit-constructor)
    Value(double value)
        : kind(Kind::Number), number(value) {}  // NOLINT(google-explicit-constructor)
    enum class Kind { Text, Whole, Number } kind = Kind::Text;
    std::string text;
    std::int64_t whole = 0;
    double number = 0;
  };

  /// A row of an answer; NULL reads as "" or 0. Valid during the visit.
  class Row {
   public:
    explicit Row(void* statement) : statement_(statement) {}
    std::string text(int column) const;
    std::int64_t whole(int column) const;
    double number(int column) const;

   private:
    void* statement_;
  };

  /// Statements without values, several at once.
  void execute(const std::string& script);
  /// One statement; `visit` sees each row of its answer. Returns how many rows it changed.
  int run(const std::string& sql,
          const std::vector<Value>& values = {},
          const std::function<void(const Row&)>& visit = nullptr);
  std::int64_t last_row_id() const;

  /// Does `work` in one transaction that holds the write lock from its beginning; rolled back when
  /// `work` throws.
  void transaction(const std::function<void()>& work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace canopy
