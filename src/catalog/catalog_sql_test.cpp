// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "catalog/catalog_fixture.h"

// The catalog's SQL cases: each file of sql/ is read top to bottom over the catalog of
// catalog_fixture.h.
//
//   SELECT ... ;        a statement ends at a line that ends in ';'
//   --> a | b           one expected row of the answer, cells between bars, NULL as NULL
//   --! words           or: the statement fails, and its message holds these words
//   -- anything else    a remark

namespace canopy {
namespace {

namespace fs = std::filesystem;

struct Case {
  int line = 0;
  std::string sql;
  std::vector<std::string> rows, errors;
};

std::vector<Case> read_cases(const fs::path& path) {
  std::vector<Case> cases;
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

std::vector<std::string> rows_of(const ResultTable& table) {
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

std::vector<fs::path> files() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(CANOPY_CATALOG_SQL))
    if (entry.path().extension() == ".sql") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

class CatalogSql : public testing::TestWithParam<fs::path> {};

TEST_P(CatalogSql, answers_as_the_file_says) {
  ScratchFolder scratch;
  const Catalog catalog = sample_catalog(scratch.path() / "catalog");
  const std::vector<Case> cases = read_cases(GetParam());
  EXPECT_FALSE(cases.empty());
  for (const Case& one : cases) {
    SCOPED_TRACE(GetParam().string() + ":" + std::to_string(one.line));
    try {
      EXPECT_EQ(rows_of(catalog.query(one.sql)), one.rows);
      EXPECT_TRUE(one.errors.empty()) << "it was to fail";
    } catch (const Error& error) {
      EXPECT_FALSE(one.errors.empty()) << error.what();
      for (const std::string& words : one.errors)
        EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, CatalogSql, testing::ValuesIn(files()), [](const auto& param) {
  return param.param.stem().string();
});

}  // namespace
}  // namespace canopy
