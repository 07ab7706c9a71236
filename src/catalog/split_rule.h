// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

// Which split a tile falls into: a pure function of one text, with no seed and no state, so that a
// tile never changes sides when others come or go, and every SQL engine says the same.
//
//   u = the first 8 hexadecimal digits of md5(text), as a share of 2^32
//   the shares are laid end to end in the order given; u lies in one of them
//
// Digits compare as text just as they do as numbers, so the rule is a CASE over substr(md5(text),
// 1, 8).

namespace canopy {

/// The splits that training and evaluation ask for: train, val, test.
const std::vector<std::string>& split_names();
bool is_split_name(const std::string& name);

class SplitRule {
 public:
  /// From "train=80,val=10,test=10". Throws User unless names are distinct and of `split_names`,
  /// and shares are positive and sum to 100.
  explicit SplitRule(const std::string& text);

  /// SQL that gives the name of the split of the SQL expression `text_sql`.
  std::string sql(const std::string& text_sql) const;
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> ends_;  ///< where each share but the last ends, as 8 digits
};

}  // namespace canopy
