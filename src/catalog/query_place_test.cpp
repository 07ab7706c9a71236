// SPDX-License-Identifier: Apache-2.0
#include "catalog/query_place.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

TEST(QueryPlace, words_of_many_lines_become_one_before_the_place) {
  EXPECT_EQ(engine_words("Binder Error: no column \"gsd\"!\nCandidates: \"gsd_m\"\n\n"
                         "LINE 4: crop = 'x' and gsd < 1\n                        ^")
                .text(),
            "Binder Error: no column \"gsd\"! Candidates: \"gsd_m\"\n"
            "LINE 4: crop = 'x' and gsd < 1\n                        ^");
  EXPECT_EQ(engine_words("no column \"croop\"\nLINE 1: SELECT croop\n               ^\n"
                         "HINT:  Perhaps you meant \"crop\".")
                .text(),
            "no column \"croop\" (Perhaps you meant \"crop\".)\nLINE 1: SELECT croop\n"
            "               ^");
  EXPECT_EQ(engine_words("division by zero\n").text(), "division by zero");
}

TEST(QueryPlace, a_place_in_our_query_is_told_as_one_in_the_condition) {
  const auto about = [](const std::string& message, const std::string& condition) {
    return words_about_condition(engine_words(message), condition, 3).text();
  };
  EXPECT_EQ(about("wrong\n\nLINE 12: gsd < 1\n         ^", std::string(9, '\n')),
            "wrong\nLINE 9: gsd < 1\n        ^");
  EXPECT_EQ(about("wrong\n\nLINE 1: SELECT \"x\"\n               ^", "a = 1"), "wrong");
}

TEST(QueryPlace, an_unfinished_condition_is_pointed_at_behind_its_last_word) {
  EXPECT_EQ(
      words_about_condition(
          engine_words("syntax error at or near \")\"\n\nLINE 6: )\n        ^"), "a = 1\nand  ", 3)
          .text(),
      "the condition ends where more is expected\nLINE 2: and  \n           ^");
}

TEST(QueryPlace, a_long_line_is_cut_around_the_place_and_columns_are_not_bytes) {
  const std::string text = std::string(100, 'a') + "\xc3\xb4" + "b?" + std::string(100, 'c');
  const EngineWords said = words_about("here", text, 103);
  EXPECT_EQ(said.excerpt.substr(0, 4), "...a");
  EXPECT_EQ(said.excerpt.substr(said.excerpt.size() - 4), "c...");
  EXPECT_EQ(said.excerpt.substr(said.caret + 1, 1), "?") << "one letter before it has two bytes";
}

}  // namespace
}  // namespace canopy
