// SPDX-License-Identifier: Apache-2.0
#include "catalog/one_select.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "catalog/query_place.h"

namespace canopy {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// Walks over a text, one piece at a time: a blank, a comment, something quoted, or one character.
class Walk {
 public:
  explicit Walk(const std::string& sql) : sql_(sql) {}

  bool is_done() const { return at_ >= sql_.size(); }
  std::size_t at() const { return at_; }
  /// Whether the piece that `step` passes counts, or is a blank or a comment.
  bool step() {
    const char c = sql_[at_];
    if (std::isspace(static_cast<unsigned char>(c))) return ++at_, false;
    if (starts("--")) return at_ = std::min(sql_.find('\n', at_), sql_.size()), false;
    if (starts("/*")) return comment(), false;
    if (c == '\'' || c == '"') return quoted(c), true;
    if (c == '$' && (at_ == 0 || !is_word(sql_[at_ - 1]))) return dollars(), true;
    return ++at_, true;
  }

 private:
  bool starts(std::string_view what) const { return sql_.compare(at_, what.size(), what) == 0; }

  void comment() {
    int depth = 0;
    do {
      require(at_ < sql_.size(), "the query holds a comment that never ends; close it with '*/'");
      if (starts("/*"))
        ++depth, at_ += 2;
      else if (starts("*/"))
        --depth, at_ += 2;
      else
        ++at_;
    } while (depth > 0);
  }

  void quoted(char quote) {
    const bool escapes = quote == '\'' && at_ > 0 &&
                         (sql_[at_ - 1] == 'E' || sql_[at_ - 1] == 'e') &&
                         (at_ == 1 || !is_word(sql_[at_ - 2]));
    for (++at_;; ++at_) {
      require(at_ < sql_.size(),
              [&] { return std::string("the query holds a quote ") + quote + " that never ends"; });
      const bool doubled = sql_[at_] == quote && at_ + 1 < sql_.size() && sql_[at_ + 1] == quote;
      if (doubled || (escapes && sql_[at_] == '\\'))
        ++at_;
      else if (sql_[at_] == quote)
        break;
    }
    ++at_;
  }

  void dollars() {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && is_word(sql_[end])) ++end;
    const bool is_tag = end < sql_.size() && sql_[end] == '$' &&
                        !std::isdigit(static_cast<unsigned char>(sql_[at_ + 1]));
    if (!is_tag) {
      ++at_;
      return;
    }
    const std::string tag = sql_.substr(at_, end + 1 - at_);
    const std::size_t close = sql_.find(tag, end + 1);
    require(close != std::string::npos,
            [&] { return "the query holds a text " + tag + " that never ends"; });
    at_ = close + tag.size();
  }

  const std::string& sql_;
  std::size_t at_ = 0;
};

}  // namespace

std::string one_statement(const std::string& sql) {
  require(sql.find('\0') == std::string::npos, "the query holds a NUL character");
  std::size_t end = std::string::npos;
  int statements = 0;
  bool inside = false;
  for (Walk walk(sql); !walk.is_done();) {
    const std::size_t begin = walk.at();
    if (!walk.step()) continue;
    if (sql[begin] == ';') {
      if (inside) end = std::min(end, begin);
      inside = false;
      continue;
    }
    statements += !inside;
    inside = true;
  }
  require(statements > 0, "the query is empty; give one SELECT");
  require(statements == 1, [&] {
    return "one SELECT is expected, but the query holds " + std::to_string(statements) +
           " statements";
  });
  return sql.substr(0, end) + "\n";
}

void require_condition(const std::string& condition) {
  const auto refuse = [&](const char* words, std::size_t at) {
    throw Error(Fault::User, words_about(words, condition, at).text());
  };
  std::vector<std::size_t> open;
  for (Walk walk(condition); !walk.is_done();) {
    const std::size_t begin = walk.at();
    if (!walk.step()) continue;
    if (condition[begin] == '(') open.push_back(begin);
    if (condition[begin] != ')') continue;
    if (open.empty()) refuse("the condition closes a bracket that it did not open", begin);
    open.pop_back();
  }
  if (!open.empty()) refuse("the condition opens a bracket that it does not close", open.back());
}

void require_select(const std::string& sql) {
  std::string word;
  for (Walk walk(sql); !walk.is_done();) {
    const std::size_t begin = walk.at();
    if (!walk.step() || sql[begin] == '(' || sql[begin] == ';') {
      if (word.empty()) continue;
      break;
    }
    if (!is_word(sql[begin])) break;
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(sql[begin])));
  }
  static constexpr std::array<const char*, 4> kAsking = {"select", "with", "values", "table"};
  require(std::find(kAsking.begin(), kAsking.end(), word) != kAsking.end(),
          "only a SELECT may be asked; the catalog changes by ingest alone");
}

}  // namespace canopy
