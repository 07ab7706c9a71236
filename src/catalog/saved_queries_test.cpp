// SPDX-License-Identifier: Apache-2.0
#include "catalog/saved_queries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "catalog/catalog_fixture.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class SavedQueriesTest : public testing::Test {
 protected:
  ScratchFolder scratch_;
  SavedQueries queries_ = SavedQueries(scratch_.path() / "queries");
};

TEST_F(SavedQueriesTest, a_text_stands_for_itself_and_a_file_for_what_it_holds) {
  const fs::path file = scratch_.path() / "walnuts";
  write_file(file, "SELECT 1");
  EXPECT_EQ(read_query("SELECT tile_id FROM examples"), "SELECT tile_id FROM examples");
  EXPECT_EQ(read_query(file.string()), "SELECT 1");
  EXPECT_EQ(read_query(std::string(100000, 'x')), std::string(100000, 'x'));
  EXPECT_EQ(read_query("SELECT 1\n-- as in walnuts.sql"), "SELECT 1\n-- as in walnuts.sql");
}

TEST_F(SavedQueriesTest, a_word_that_ends_like_a_file_must_be_one_and_hold_something) {
  EXPECT_THAT(error_of([] { read_query("nowhere/walnuts.sql"); }),
              HasSubstr("NotFound: sql: there is no file 'nowhere/walnuts.sql'"));
  const fs::path empty = scratch_.path() / "empty.sql";
  write_file(empty, " \n");
  EXPECT_THAT(error_of([&] { read_query(empty.string()); }), HasSubstr("empty.sql: is empty"));
}

TEST_F(SavedQueriesTest, what_is_saved_is_found_and_listed_by_name) {
  EXPECT_TRUE(queries_.list().empty());
  EXPECT_TRUE(queries_.save("walnuts", "SELECT 1"));
  EXPECT_TRUE(queries_.save("citrus", "SELECT 2\n"));
  EXPECT_EQ(queries_.find("walnuts").sql, "SELECT 1\n");
  ASSERT_EQ(queries_.list().size(), 2u);
  EXPECT_EQ(queries_.list()[0].name, "citrus");
}

TEST_F(SavedQueriesTest, a_single_word_stands_for_the_saved_query_of_that_name) {
  queries_.save("walnuts", "SELECT 1");
  EXPECT_EQ(queries_.read("walnuts"), "SELECT 1\n");
  EXPECT_EQ(queries_.read("citrus"), "citrus") << "the engine has its own words";
  EXPECT_EQ(queries_.read("SELECT 2"), "SELECT 2");
  EXPECT_EQ(queries_.read(""), "");
}

TEST_F(SavedQueriesTest, what_is_removed_is_gone_and_what_is_not_there_is_told_with_the_nearest) {
  queries_.save("walnuts", "SELECT 1");
  EXPECT_THAT(error_of([&] { queries_.remove("walnut"); }), HasSubstr("did you mean 'walnuts'?"));
  queries_.remove("walnuts");
  EXPECT_TRUE(queries_.list().empty());
  EXPECT_THAT(error_of([&] { queries_.remove("walnuts"); }), HasSubstr("NotFound"));
  EXPECT_THAT(error_of([&] { queries_.remove("../walnuts"); }), HasSubstr("query name"));
}

TEST_F(SavedQueriesTest, a_name_keeps_its_text_unless_told_otherwise) {
  EXPECT_TRUE(queries_.save("walnuts", "SELECT 1"));
  EXPECT_FALSE(queries_.save("walnuts", "SELECT 1\n"));
  EXPECT_THAT(error_of([&] { queries_.save("walnuts", "SELECT 2"); }),
              HasSubstr("walnuts.sql holds another query; pass --overwrite"));
  EXPECT_EQ(queries_.find("walnuts").sql, "SELECT 1\n");
  EXPECT_TRUE(queries_.save("walnuts", "SELECT 2", true));
  EXPECT_EQ(queries_.find("walnuts").sql, "SELECT 2\n");
}

TEST_F(SavedQueriesTest, wrong_names_and_empty_texts_are_refused_and_near_names_told) {
  EXPECT_THAT(error_of([&] { queries_.save("../walnuts", "SELECT 1"); }),
              HasSubstr("User: query name '../walnuts'"));
  EXPECT_THAT(error_of([&] { queries_.save("walnuts", "\n"); }), HasSubstr("is empty"));
  queries_.save("walnuts", "SELECT 1");
  EXPECT_THAT(error_of([&] { queries_.find("walnut"); }), HasSubstr("did you mean 'walnuts'?"));
}

}  // namespace
}  // namespace canopy
