// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "catalog/catalog.h"

// The catalog's SQL cases, over the catalog of catalog_fixture.h: the files of sql/ are for every
// engine, those of sql/duckdb/ and sql/postgres/ for one. Each is read top to bottom.
//
//   SELECT ... ;        a statement ends at a line that ends in ';'
//   --> a | b           one expected row of the answer, cells between bars, NULL as NULL
//   --! words           or: the statement fails, and its message holds these words
//   -- anything else    a remark

namespace canopy {

struct SqlCase {
  int line = 0;
  std::string sql;
  std::vector<std::string> rows, errors;
};

inline std::vector<SqlCase> read_sql_cases(const std::filesystem::path& path) {
  std::vector<SqlCase> cases;
  std::istringstream file(read_file(path));
  std::string sql, text;
  for (int line = 1; std::getline(file, text); ++line) {
    if (text.rfind("--> ", 0) == 0 && !cases.empty()) {
      cases.back().rows.push_back(text.substr(4));
    } else if (text.rfind("--! ", 0) == 0 && !cases.empty()) {
      cases.back().errors.push_back(text.substr(4));
    } else if (text.rfind("--", 0) != 0 && !(text.empty() && sql.empty())) {
      if (sql.empty()) cases.push_back({.line = line, .sql = {}, .rows = {}, .errors = {}});
      sql += text + "\n";
      if (text.empty() || text.back() != ';') continue;
      cases.back().sql = std::exchange(sql, "");
    }
  }
  EXPECT_TRUE(sql.empty()) << path << ": the last statement has no ';'";
  return cases;
}

inline std::vector<std::string> rows_as_text(const ResultTable& table) {
  std::vector<std::string> rows;
  for (const auto& cells : table.rows) {
    std::string row;
    for (const Cell& cell : cells)
      row += (row.empty() ? "" : " | ") +
             (std::holds_alternative<std::monostate>(cell) ? "NULL" : to_text(cell));
    rows.push_back(row);
  }
  return rows;
}

/// Fails the test where the catalog answers otherwise than the file says.
inline void expect_answers_of(const Catalog& catalog, const std::filesystem::path& path) {
  const std::vector<SqlCase> cases = read_sql_cases(path);
  EXPECT_FALSE(cases.empty());
  for (const SqlCase& one : cases) {
    SCOPED_TRACE(path.string() + ":" + std::to_string(one.line));
    try {
      EXPECT_EQ(rows_as_text(catalog.query(one.sql)), one.rows);
      EXPECT_TRUE(one.errors.empty()) << "it was to fail";
    } catch (const Error& error) {
      EXPECT_FALSE(one.errors.empty()) << error.what();
      for (const std::string& words : one.errors)
        EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  }
}

/// The files for every engine, and those for this one, in the order of names.
inline std::vector<std::filesystem::path> sql_case_files(const std::string& engine) {
  std::vector<std::filesystem::path> paths;
  for (const std::filesystem::path& folder : {std::filesystem::path(CANOPY_CATALOG_SQL),
                                              CANOPY_CATALOG_SQL / std::filesystem::path(engine)})
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.path().extension() == ".sql") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace canopy
