// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_copy.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<ResultTable::Column> kColumns = {
    {"t", "VARCHAR"}, {"w", "BIGINT"}, {"n", "DOUBLE"}, {"f", "BOOLEAN"}};

std::string two_rows() {
  std::string bytes;
  copy_begin(bytes);
  for (const auto& row : {std::vector<Cell>{"walnut", std::int64_t{-7}, 0.1, true},
                          std::vector<Cell>{"", Cell(), Cell(), false}}) {
    copy_row(bytes, row.size());
    for (const Cell& cell : row) copy_cell(bytes, cell);
  }
  copy_end(bytes);
  return bytes;
}

/// What DuckDB sees of these bytes when they come in pieces of `size`.
ResultTable read(const std::string& bytes,
                 std::size_t size,
                 const std::vector<ResultTable::Column>& columns = kColumns) {
  std::size_t at = 0;
  CopyReader reader(columns, [&](std::string_view& message) {
    message = std::string_view(bytes).substr(at, size);
    at += message.size();
    return !message.empty();
  });
  DuckdbSession session;
  const DuckdbRows rows(session, "rows", columns, [&](RowWriter& row) { return reader.read(row); });
  try {
    return session.query("SELECT * FROM rows()");
  } catch (const Error&) {
    rows.rethrow();
    throw;
  }
}

TEST(PostgresCopy, what_is_written_is_read_back_however_the_bytes_are_cut) {
  for (const std::size_t size : {1u, 2u, 7u, 19u, 1000u}) {
    const ResultTable table = read(two_rows(), size);
    ASSERT_EQ(table.rows.size(), 2u);
    EXPECT_THAT(table.rows[0],
                ElementsAre(Cell("walnut"), Cell(std::int64_t{-7}), Cell(0.1), Cell(true)));
    EXPECT_THAT(table.rows[1], ElementsAre(Cell(""), Cell(), Cell(), Cell(false)));
  }
}

TEST(PostgresCopy, counts_days_and_microseconds_from_1970_and_keeps_infinity) {
  std::string bytes;
  copy_begin(bytes);
  const auto field = [&](std::int64_t value, int size) {
    for (int shift = 8 * 3; shift >= 0; shift -= 8)
      bytes += static_cast<char>(size >> shift & 0xff);
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
      bytes += static_cast<char>(value >> shift & 0xff);
  };
  for (const auto& [day, moment] :
       {std::pair<std::int64_t, std::int64_t>{0, 0},
        {std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int64_t>::max()},
        {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int64_t>::min()}}) {
    copy_row(bytes, 2);
    field(day, 4);
    field(moment, 8);
  }
  copy_end(bytes);
  const ResultTable table = read(bytes, 1000, {{"d", "DATE"}, {"t", "TIMESTAMP"}});
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_THAT(table.rows[0], ElementsAre(Cell("2000-01-01"), Cell("2000-01-01 00:00:00")));
  EXPECT_THAT(table.rows[1], ElementsAre(Cell("infinity"), Cell("infinity")));
  EXPECT_THAT(table.rows[2], ElementsAre(Cell("-infinity"), Cell("-infinity")));
}

TEST(PostgresCopy, that_ends_early_or_is_of_another_form_is_no_shorter_answer) {
  const std::string whole = two_rows();
  for (const std::size_t size :
       {std::size_t{5}, std::size_t{19}, std::size_t{40}, whole.size() - 2})
    try {
      read(whole.substr(0, size), 1000);
      ADD_FAILURE() << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::Environment) << size;
      EXPECT_THAT(error.what(), HasSubstr("ended early"));
    }
  try {
    read(std::string(40, 'x'), 1000);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("not in the binary form"));
  }
}

}  // namespace
}  // namespace canopy
