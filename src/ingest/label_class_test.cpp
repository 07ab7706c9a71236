// SPDX-License-Identifier: Apache-2.0
#include "ingest/label_class.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

TEST(LabelClass, words_for_trees_and_dead_trees_are_known_in_any_spelling) {
  for (const char* word : {"", "Tree", "TREES", "crown", "alive", "healthy", "1"}) {
    ASSERT_TRUE(meaning_of_class(word, {})) << word;
    EXPECT_EQ(meaning_of_class(word, {})->label, ObjectClass::Tree) << word;
  }
  for (const char* word : {"Dead", "dead_tree", "Dead Tree", "dead-tree", "snag", "2"}) {
    ASSERT_TRUE(meaning_of_class(word, {})) << word;
    EXPECT_EQ(meaning_of_class(word, {})->label, ObjectClass::DeadTree) << word;
  }
  EXPECT_TRUE(meaning_of_class("Ignore", {})->is_ignore);
}

TEST(LabelClass, other_words_are_unknown_unless_named_as_trees) {
  EXPECT_FALSE(meaning_of_class("building", {}));
  EXPECT_FALSE(meaning_of_class("missing", {}));
  EXPECT_TRUE(meaning_of_class("Oil Palm", {"oil_palm"}));
}

TEST(LabelClass, a_dead_flag_may_be_a_number_a_word_or_a_class) {
  for (const char* word : {"1", "true", "Yes", "dead"})
    EXPECT_EQ(meaning_of_dead(word)->label, ObjectClass::DeadTree) << word;
  for (const char* word : {"", "0", "False", "no", "alive"})
    EXPECT_EQ(meaning_of_dead(word)->label, ObjectClass::Tree) << word;
  EXPECT_FALSE(meaning_of_dead("perhaps"));
}

}  // namespace
}  // namespace canopy
