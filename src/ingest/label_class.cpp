// SPDX-License-Identifier: Apache-2.0
#include "ingest/label_class.h"

#include <algorithm>
#include <cctype>

namespace canopy {
namespace {

std::string plain(const std::string& word) {
  std::string out;
  for (const char c : word)
    if (c != ' ' && c != '-' && c != '_')
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_among(const std::string& word, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [&](const auto& w) { return plain(w) == word; });
}

}  // namespace

std::optional<ClassMeaning> meaning_of_class(const std::string& word,
                                             const std::vector<std::string>& tree_names) {
  static const std::vector<std::string> kTree = {
      "tree", "trees", "crown", "treecrown", "alive", "live", "living", "livetree", "healthy", "1"};
  static const std::vector<std::string> kDead = {"dead", "deadtree", "deadtrees", "snag", "2"};
  static const std::vector<std::string> kIgnore = {"ignore", "ignored", "unsure", "uncertain"};
  const std::string w = plain(word);
  if (is_among(w, kDead)) return ClassMeaning{ObjectClass::DeadTree};
  if (is_among(w, kIgnore)) return ClassMeaning{ObjectClass::Tree, true};
  if (w.empty() || is_among(w, kTree) || is_among(w, tree_names)) return ClassMeaning{};
  return std::nullopt;
}

std::optional<ClassMeaning> meaning_of_dead(const std::string& value) {
  const std::string w = plain(value);
  if (is_among(w, {"1", "true", "yes", "y", "t"})) return ClassMeaning{ObjectClass::DeadTree};
  if (w.empty() || is_among(w, {"0", "false", "no", "n", "f"})) return ClassMeaning{};
  return meaning_of_class(value, {});
}

}  // namespace canopy
