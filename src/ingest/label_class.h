// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/example.h"

// From the words that people label trees with to the two classes that we have.

namespace canopy {

/// What a label's class means.
struct ClassMeaning {
  ObjectClass label = ObjectClass::Tree;
  bool is_ignore = false;  ///< "ignore": a region that neither helps nor hurts
};

/// The meaning of a word, whatever its case and whether it has blanks, '-' or '_' inside: tree,
/// crown, alive, healthy, ... and any of `tree_names` are trees; dead, dead tree, snag, ... dead
/// ones; 1 and 2 are the class numbers of example files; no word at all is a tree. Nothing for any
/// other word: it may be a building.
std::optional<ClassMeaning> meaning_of_class(const std::string& word,
                                             const std::vector<std::string>& tree_names);

/// The meaning of the value of an attribute named `dead`: 1, true, yes or a class word.
std::optional<ClassMeaning> meaning_of_dead(const std::string& value);

}  // namespace canopy
