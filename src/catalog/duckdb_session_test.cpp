// SPDX-License-Identifier: Apache-2.0
#include "catalog/duckdb_session.h"

#include <signal.h>

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/interrupt.h"

namespace canopy {
namespace {

TEST(DuckdbSession, is_the_version_that_the_header_is_of) {
  EXPECT_EQ(DuckdbSession::version(), "v1.5.5");
}

TEST(DuckdbSession, quotes_texts_and_names) {
  DuckdbSession session;
  const auto table =
      session.query("SELECT " + sql_text("it's; -- \"so\"") + " AS " + sql_name("a \"b\""));
  EXPECT_EQ(to_text(table.rows[0][0]), "it's; -- \"so\"");
  EXPECT_EQ(table.columns[0].name, "a \"b\"");
  EXPECT_EQ(sql_list({"a", "b'c"}), "['a', 'b''c']");
}

TEST(DuckdbSession, gives_rows_in_the_order_asked_for_and_stops_when_told) {
  DuckdbSession session({.threads = 2});
  std::int64_t next = 0;
  session.for_each_row("SELECT range FROM range(200000) ORDER BY range",
                       [&](const std::vector<Cell>& row) {
                         EXPECT_EQ(std::get<std::int64_t>(row[0]), next);
                         return ++next < 150000;
                       });
  EXPECT_EQ(next, 150000);
}

TEST(DuckdbSession, tells_of_a_failure_in_the_middle_of_an_answer) {
  DuckdbSession session({.threads = 1});
  EXPECT_THROW(session.query("SELECT CASE WHEN range > 150000 THEN error('broken') ELSE 'fine' END "
                             "FROM range(200000)"),
               Error);
}

TEST(DuckdbSession, stops_when_the_program_is_asked_to_end) {
  DuckdbSession session;
  std::thread user([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    set_interrupted(SIGINT);
  });
  std::string message;
  try {
    session.query("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b");
  } catch (const Error& error) {
    message = error.what();
  }
  user.join();
  set_interrupted(0);
  EXPECT_EQ(message, "the query was interrupted");
}

TEST(DuckdbSession, refuses_text_with_a_nul) {
  DuckdbSession session;
  EXPECT_THROW(session.query(std::string("SELECT 1\0; DROP", 15)), Error);
}

}  // namespace
}  // namespace canopy
