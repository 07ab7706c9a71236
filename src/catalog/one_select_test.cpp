// SPDX-License-Identifier: Apache-2.0
#include "catalog/one_select.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& sql) {
  try {
    require_select(one_statement(sql));
  } catch (const Error& error) {
    return std::string(name_of(error.fault())) + ": " + error.what();
  }
  return "no error";
}

TEST(OneSelect, loses_the_semicolon_that_ends_it_and_what_follows) {
  EXPECT_EQ(one_statement("SELECT 1"), "SELECT 1\n");
  EXPECT_EQ(one_statement("SELECT 1 ; -- and no more"), "SELECT 1 \n");
  EXPECT_EQ(one_statement("SELECT 1 -- one"), "SELECT 1 -- one\n");
  EXPECT_EQ(one_statement("SELECT 1;;"), "SELECT 1\n");
}

TEST(OneSelect, takes_no_semicolon_in_a_quote_or_a_comment_for_an_end) {
  for (const char* sql : {"SELECT ';' AS \"a;b\"",
                          "SELECT 'it''s; fine'",
                          "SELECT E'\\'; '",
                          "SELECT $$;$$, $tag$ ; $$ ; $tag$",
                          "SELECT 1 /* ; /* ; */ ; */ + 1",
                          "SELECT 1 -- ;\n + 1",
                          "SELECT a$b FROM t"})
    EXPECT_EQ(one_statement(sql), std::string(sql) + "\n");
}

TEST(OneSelect, is_one_and_not_several_or_none) {
  EXPECT_THAT(error_of("SELECT 1; SELECT 2"), HasSubstr("holds 2 statements"));
  EXPECT_THAT(error_of("SELECT 1; DROP TABLE tiles; --"), HasSubstr("holds 2 statements"));
  for (const char* sql : {"", ";", " -- nothing", "/* nothing */ ;"})
    EXPECT_THAT(error_of(sql), HasSubstr("User: the query is empty")) << sql;
}

TEST(OneSelect, that_never_ends_is_refused) {
  EXPECT_THAT(error_of("SELECT 'a"), HasSubstr("quote ' that never ends"));
  EXPECT_THAT(error_of("SELECT \"a"), HasSubstr("quote \" that never ends"));
  EXPECT_THAT(error_of("SELECT /* a"), HasSubstr("comment that never ends"));
  EXPECT_THAT(error_of("SELECT $a$ b"), HasSubstr("text $a$ that never ends"));
  EXPECT_THAT(error_of(std::string("SELECT 1\0 2", 11)), HasSubstr("NUL"));
}

TEST(OneSelect, begins_with_a_word_that_asks) {
  for (const char* sql : {"SELECT 1",
                          "select 1",
                          "  /* so */ (SELECT 1)",
                          "WITH a AS (SELECT 1) SELECT * FROM a",
                          "VALUES (1)",
                          "TABLE tiles",
                          "SELECT*FROM tiles",
                          "-- first\nSELECT 1;"})
    EXPECT_EQ(error_of(sql), "no error") << sql;
  for (const char* sql : {"DELETE FROM tiles",
                          "COPY tiles TO PROGRAM 'rm'",
                          "SHOW work_mem",
                          "EXPLAIN ANALYZE SELECT 1",
                          "selection",
                          "'select'",
                          "INSERT INTO tiles VALUES (1) RETURNING 1"})
    EXPECT_THAT(error_of(sql), HasSubstr("only a SELECT may be asked")) << sql;
}

}  // namespace
}  // namespace canopy
