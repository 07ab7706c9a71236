// SPDX-License-Identifier: Apache-2.0
#include "catalog/duckdb_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

using testing::ElementsAre;

TEST(DuckdbRows, are_a_table_of_any_length) {
  for (const int count : {0, 1, 2047, 2048, 2049, 10000}) {
    DuckdbSession session({.threads = 2});
    int i = 0;
    const DuckdbRows rows(
        session, "numbers", {{"i", "INTEGER"}, {"t", "VARCHAR"}}, [&](RowWriter& row) {
          if (i == count) return false;
          row.whole(i);
          if (i % 3 == 0)
            row.null();
          else
            row.text("text number " + std::to_string(i));
          ++i;
          return true;
        });
    const ResultTable table = session.query(
        "SELECT count(*), count(t), count(DISTINCT t), coalesce(sum(i), 0) FROM numbers()");
    const std::int64_t texts = count - (count + 2) / 3;
    EXPECT_THAT(table.rows[0],
                ElementsAre(Cell(std::int64_t{count}),
                            Cell(texts),
                            Cell(texts),
                            Cell(std::int64_t{count} * (count - 1) / 2)));
  }
}

TEST(DuckdbRows, keep_every_type) {
  DuckdbSession session;
  bool done = false;
  const DuckdbRows rows(session,
                        "one",
                        {{"b", "BOOLEAN"},
                         {"s", "SMALLINT"},
                         {"i", "INTEGER"},
                         {"l", "BIGINT"},
                         {"f", "FLOAT"},
                         {"d", "DOUBLE"},
                         {"day", "DATE"},
                         {"at", "TIMESTAMP"},
                         {"tz", "TIMESTAMP WITH TIME ZONE"}},
                        [&](RowWriter& row) {
                          if (done) return false;
                          row.flag(true);
                          for (const int n : {-1, -2, -3}) row.whole(n);
                          for (const double x : {0.5, 0.1}) row.number(x);
                          row.whole(20000);
                          for (int k = 0; k < 2; ++k) row.whole(1500000);
                          return done = true;
                        });
  EXPECT_THAT(session.query("SELECT * FROM one()").rows.at(0),
              ElementsAre(Cell(true),
                          Cell(std::int64_t{-1}),
                          Cell(std::int64_t{-2}),
                          Cell(std::int64_t{-3}),
                          Cell(0.5),
                          Cell(0.1),
                          Cell("2024-10-04"),
                          Cell("1970-01-01 00:00:01.5"),
                          Cell("1970-01-01 00:00:01.5+00")));
}

TEST(DuckdbRows, that_fail_end_the_statement_and_the_failure_goes_on) {
  DuckdbSession session;
  int i = 0;
  const DuckdbRows rows(session, "numbers", {{"i", "INTEGER"}}, [&](RowWriter& row) {
    if (++i == 3000) throw Error(Fault::Environment, "the line is dead");
    row.whole(i);
    return true;
  });
  EXPECT_THROW(session.query("SELECT sum(i) FROM numbers()"), Error);
  try {
    rows.rethrow();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the line is dead");
  }
}

TEST(DuckdbRows, with_a_cell_too_few_or_too_many_are_a_mistake_of_ours) {
  for (const int cells : {1, 3}) {
    DuckdbSession session;
    const DuckdbRows rows(
        session, "pairs", {{"a", "INTEGER"}, {"b", "INTEGER"}}, [&](RowWriter& row) {
          for (int i = 0; i < cells; ++i) row.whole(i);
          return true;
        });
    EXPECT_THROW(session.query("SELECT * FROM pairs()"), Error);
    EXPECT_THROW(rows.rethrow(), Error);
  }
  DuckdbSession session;
  EXPECT_THROW(DuckdbRows(session, "odd", {{"a", "DECIMAL"}}, nullptr), Error);
}

}  // namespace
}  // namespace canopy
