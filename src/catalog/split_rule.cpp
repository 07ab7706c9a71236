// SPDX-License-Identifier: Apache-2.0
#include "catalog/split_rule.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "base/nearest.h"
#include "base/options.h"
#include "catalog/duckdb_session.h"

namespace canopy {

const std::vector<std::string>& split_names() {
  static const std::vector<std::string> names = {"train", "val", "test"};
  return names;
}

bool is_split_name(const std::string& name) {
  return std::find(split_names().begin(), split_names().end(), name) != split_names().end();
}

SplitRule::SplitRule(const std::string& text) {
  const auto wrong = [&](const std::string& why) {
    return "split '" + text + "': " + why + "; write it as train=80,val=10,test=10";
  };
  double sum = 0;
  for (const std::string& word : split_list(text)) {
    const std::size_t equals = word.find('=');
    require(equals != std::string::npos, [&] { return wrong("'" + word + "' has no '='"); });
    const std::string name = word.substr(0, equals);
    require(is_split_name(name), [&] {
      return "split '" + text + "': '" + name + "' is none of train, val, test" +
             suggestion(name, split_names()) + " (as in train=80,val=10,test=10)";
    });
    require(std::find(names_.begin(), names_.end(), name) == names_.end(),
            [&] { return wrong("'" + name + "' stands twice"); });
    double share = 0;
    const char* end = word.data() + word.size();
    const auto [rest, code] = std::from_chars(word.data() + equals + 1, end, share);
    require(code == std::errc() && rest == end && share > 0 && share <= 100,
            [&] { return wrong("the share of '" + name + "' is no number above 0"); });
    names_.push_back(name);
    sum += share;
    char digits[16];
    std::snprintf(digits,
                  sizeof digits,
                  "%08llx",
                  static_cast<unsigned long long>(std::llround(sum / 100 * 4294967296.0)));
    ends_.emplace_back(digits);
  }
  require(!names_.empty() && std::abs(sum - 100) < 1e-6,
          [&] { return wrong("the shares must sum to 100"); });
  ends_.pop_back();
}

std::string SplitRule::sql(const std::string& text_sql) const {
  if (ends_.empty()) return sql_text(names_.back());
  std::string out = "CASE";
  for (std::size_t i = 0; i < ends_.size(); ++i)
    out += " WHEN substr(md5(" + text_sql + "), 1, 8) < '" + ends_[i] + "' THEN " +
           sql_text(names_[i]);
  return out + " ELSE " + sql_text(names_.back()) + " END";
}

}  // namespace canopy
