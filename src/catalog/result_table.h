// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

// What a query answers: named, typed columns and rows of cells, and the three ways to show it.
// Types that are neither flags, numbers nor text (dates, lists, structs) arrive as the engine's own
// text for them.

namespace canopy {

/// One value: nothing (SQL's NULL), a flag, a whole number, a number or a text.
using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

/// A cell as people read it: "" for NULL, "true", "42", the shortest text that reads back as the
/// same double.
std::string to_text(const Cell& cell);

struct ResultTable {
  struct Column {
    std::string name;
    std::string type;  ///< as SQL spells it: "VARCHAR", "DOUBLE", "BIGINT", ...
  };

  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  bool truncated = false;  ///< there were more rows than the query's `max_rows`

  /// Columns lined up for a terminal: text to the left, numbers to the right, NULL as a dash; cells
  /// wider than `max_width` end in an ellipsis.
  std::string pretty(int max_width = 44) const;
  /// RFC 4180 with a header line; NULL is an empty field, the empty text is "".
  std::string csv() const;
  /// [{"column": value, ...}, ...] in the order of columns and rows; numbers that JSON lacks (NaN,
  /// infinity) are null.
  nlohmann::ordered_json json() const;
};

}  // namespace canopy
