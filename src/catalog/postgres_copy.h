// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/duckdb_rows.h"
#include "catalog/result_table.h"

// Rows in the binary form of PostgreSQL's COPY (its manual, "COPY", "Binary Format"): a header of
// 19 bytes, then per row a 16-bit count of fields, per field a 32-bit length (-1: NULL) and that
// many bytes, all numbers big-endian; a count of -1 ends it. Dates count from 2000-01-01 there.

namespace canopy {

/// Rows for COPY ... FROM STDIN (FORMAT BINARY), appended to `out`: what stands before them, the
/// beginning of a row, its cells, and what stands behind the last one. Texts are for columns of
/// TEXT or JSON, whole numbers for BIGINT, numbers for DOUBLE PRECISION, flags for BOOLEAN.
void copy_begin(std::string& out);
void copy_row(std::string& out, std::size_t cells);
void copy_cell(std::string& out, const Cell& cell);
void copy_end(std::string& out);

/// Reads rows of COPY ... TO STDOUT (FORMAT BINARY).
class CopyReader {
 public:
  /// `next` gives the next message of the server; false when there are no more.
  CopyReader(const std::vector<ResultTable::Column>& columns,
             std::function<bool(std::string_view&)> next);
  /// Gives the next row; false at the end. Throws Environment when the stream ends early.
  bool read(RowWriter& row);

 private:
  /// The next `size` bytes, valid until the next call.
  std::string_view take(std::size_t size);
  std::int64_t whole(std::size_t bytes);
  void field(RowWriter& row, std::size_t column, std::string_view bytes) const;

  enum class Type { Flag, Whole, Float, Double, Date, Time, Text };
  std::vector<Type> types_;
  std::function<bool(std::string_view&)> next_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool has_begun_ = false;
};

}  // namespace canopy
