// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/duckdb_session.h"

// Rows from elsewhere as a table of DuckDB's, without ever holding them: DuckDB asks for the next
// rows when it has use for them.

namespace canopy {

/// Takes the cells of one row, from left to right.
class RowWriter {
 public:
  void null();
  void flag(bool value);
  /// A whole number, days of a DATE or microseconds of a TIMESTAMP since 1970.
  void whole(std::int64_t value);
  void number(double value);
  void text(std::string_view value);

 private:
  friend class DuckdbRows;
  /// One column of the rows that are being written.
  struct Column {
    int bytes = 0;  ///< of a whole number or a number
    void* vector = nullptr;
    void* data = nullptr;
    std::uint64_t* valid = nullptr;
  };
  Column& next();
  std::vector<Column> columns_;
  std::uint64_t row_ = 0;
  std::size_t column_ = 0;
};

/// Writes one row; false when there are no more. May throw.
using RowGiver = std::function<bool(RowWriter&)>;

/// The table function `name()` of a session. Its rows can be read once.
class DuckdbRows {
 public:
  /// Columns are of the types that ResultTable::Column names, but for DECIMAL.
  DuckdbRows(DuckdbSession& session,
             const std::string& name,
             std::vector<ResultTable::Column> columns,
             RowGiver give);
  ~DuckdbRows();
  DuckdbRows(const DuckdbRows&) = delete;
  DuckdbRows& operator=(const DuckdbRows&) = delete;

  /// What `give` throws ends the statement that reads; this throws it again, if there was any.
  void rethrow() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace canopy
