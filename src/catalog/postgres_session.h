// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/result_table.h"

// PostgreSQL as the catalog and the registry use it: one connection, made from an address
// (catalog/postgres_address.h). Messages name the database, its host and port; none holds a
// password. The connection speaks UTF-8 and UTC. libpq is seen by the .cpp alone.

namespace canopy {

/// One connection; for one thread at a time.
class PostgresSession {
 public:
  /// `settings` are statements (SET ...) for this connection, and for the one that takes its place
  /// when it is lost. Throws User for an address that cannot be read or that holds a password,
  /// Environment, with what to do, when nobody answers there or lets us in.
  explicit PostgresSession(const std::string& url, const std::string& settings = "");
  /// For servers that speak its protocol and little more (Redshift): statements go as plain text,
  /// and no setting is made. `run` takes no values.
  struct Plain {};
  PostgresSession(const std::string& url, Plain);
  ~PostgresSession();
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  /// "database 'canopy' on db.example.org:5432", for messages.
  std::string name() const;
  /// The server's version: "15.20".
  std::string version() const;

  /// A row of an answer; NULL reads as "" or 0. Valid during the visit.
  class Row {
   public:
    Row(const void* result, int row) : result_(result), row_(row) {}
    bool is_null(int column) const;
    std::string text(int column) const;
    std::int64_t whole(int column) const;
    double number(int column) const;
    /// By the column's type: flags, whole numbers and numbers as such, all else as text.
    Cell cell(int column) const;
    int columns() const;

   private:
    const void* result_;
    int row_;
  };
  using Visit = std::function<void(const Row&)>;

  /// Statements of our own without values, several at once.
  void execute(const std::string& script);
  /// One statement, $1 being the first value; `visit` sees each row of its answer. Returns how many
  /// rows it changed. Outside of a transaction only for reading: where the connection was lost
  /// since it was last used, it is made anew and the statement is sent again.
  int run(const std::string& sql,
          const std::vector<Cell>& values = {},
          const Visit& visit = nullptr);

  /// Begins a transaction that ends with the connection: for one that only reads.
  void begin_reading(const std::string& begin);
  /// Does `work` between `begin` and COMMIT; rolled back when `work` throws. A connection that was
  /// lost since it was last used is made anew before.
  void transaction(const std::string& begin, const std::function<void()>& work);

  /// Columns of the answer to one statement, by the server's own reading of it. Throws User, with
  /// the server's words and the place in the text, when it cannot be read, and when it is several
  /// statements or answers nothing.
  std::vector<ResultTable::Column> describe(const std::string& sql);
  /// The answer to one statement, row by row, without holding it. `visit` returns false to stop.
  /// Ctrl-C (base/interrupt.h) and `timeout_s` (0: none) stop it.
  void stream(const std::string& sql,
              double timeout_s,
              const std::function<bool(const Row&)>& visit);

  /// The same as rows of a table, `max_rows` of them at most (0: all).
  void stream_into(ResultTable& table,
                   const std::string& sql,
                   double timeout_s,
                   std::int64_t max_rows);

  /// COPY ... FROM STDIN: sends what `next` puts into its argument, until it returns false. Returns
  /// the number of rows. When `next` throws, the COPY fails and the exception goes on.
  std::int64_t copy_in(const std::string& sql, const std::function<bool(std::string&)>& next);
  /// COPY ... TO STDOUT, begun by `start_copy_out` and stopped at `timeout_s` (0: none): the next
  /// message of it; false at its end.
  void start_copy_out(const std::string& sql, double timeout_s = 0);
  bool next_copy_out(std::string_view& message);

 private:
  struct Impl;
  void connect(const std::string& url);
  std::unique_ptr<Impl> impl_;
};

}  // namespace canopy
