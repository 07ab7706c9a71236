// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

// A connection to the database that holds a registry, so that the registry's SQL (registry/
// sql_registry.h) is written once. Both engines take `$1` for a value, ON CONFLICT and RETURNING;
// what they do not share is below.

namespace canopy {

/// One connection; for one thread at a time.
class SqlSession {
 public:
  using Value = std::variant<std::int64_t, double, std::string>;

  /// A row of an answer; NULL reads as "" or 0. Valid during the visit.
  class Row {
   public:
    virtual std::string text(int column) const = 0;
    virtual std::int64_t whole(int column) const = 0;
    virtual double number(int column) const = 0;

   protected:
    ~Row() = default;
  };
  using Visit = std::function<void(const Row&)>;

  virtual ~SqlSession() = default;

  /// Statements without values, several at once.
  virtual void execute(const std::string& script) = 0;
  /// One statement, $1 (SQLite: also ?) being the first value; `visit` sees each row of its answer.
  /// Returns how many rows it changed.
  virtual int run(const std::string& sql,
                  const std::vector<Value>& values = {},
                  const Visit& visit = nullptr) = 0;
  /// Does `work` in one transaction that keeps other writers out from its beginning to its end;
  /// rolled back when `work` throws.
  virtual void transaction(const std::function<void()>& work) = 0;
  /// SQL for the time, UTC, as the registry writes it: 2026-11-02T08:30:00.123Z.
  virtual std::string now() const = 0;
};

}  // namespace canopy
