// SPDX-License-Identifier: Apache-2.0
#include "catalog/query_place.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>
#include <vector>

namespace canopy {
namespace {

constexpr std::size_t kMostBefore = 60, kMostAfter = 40;  ///< columns shown around a place

bool begins_column(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::size_t columns_in(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_column));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The number of "LINE 12: ...", and where the line begins; 0 when it is none.
int line_number(const std::string& line, std::size_t& begin) {
  if (!line.starts_with("LINE ")) return 0;
  int number = 0;
  const auto [rest, code] = std::from_chars(line.data() + 5, line.data() + line.size(), number);
  begin = static_cast<std::size_t>(rest - line.data()) + 2;
  return code == std::errc() && line.compare(begin - 2, 2, ": ") == 0 ? number : 0;
}

bool is_caret(const std::string& line) {
  return line.ends_with('^') && line.find_first_not_of(' ') == line.size() - 1;
}

void add(std::string& words, std::string line) {
  const auto trim = [](unsigned char c) { return std::isspace(c) != 0; };
  line.erase(line.begin(), std::find_if_not(line.begin(), line.end(), trim));
  while (!line.empty() && trim(static_cast<unsigned char>(line.back()))) line.pop_back();
  if (line.empty()) return;
  for (const std::string label : {"HINT:  ", "DETAIL:  "})
    if (line.starts_with(label)) line = "(" + line.substr(label.size()) + ")";
  words += (words.empty() ? "" : " ") + line;
}

}  // namespace

std::string EngineWords::text() const {
  if (line == 0) return words;
  const std::string label = "LINE " + std::to_string(line) + ": ";
  return words + "\n" + label + excerpt + "\n" + std::string(label.size() + caret, ' ') + "^";
}

EngineWords engine_words(const std::string& message) {
  EngineWords said;
  const std::vector<std::string> lines = lines_of(message);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::size_t begin = 0;
    const int number = line_number(lines[i], begin);
    if (number == 0 || i + 1 == lines.size() || !is_caret(lines[i + 1])) {
      add(said.words, lines[i]);
      continue;
    }
    said.line = number;
    said.excerpt = lines[i].substr(begin);
    said.caret = lines[i + 1].size() - 1 - std::min(begin, lines[i + 1].size() - 1);
    ++i;
  }
  return said;
}

EngineWords words_about(std::string words, const std::string& text, std::size_t offset) {
  EngineWords said{.words = std::move(words), .line = 1, .excerpt = {}, .caret = 0};
  const std::string before = text.substr(0, offset);
  said.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  std::size_t begin = before.rfind('\n') == std::string::npos ? 0 : before.rfind('\n') + 1,
              end = std::min(text.find('\n', offset), text.size());
  if (offset - begin > kMostBefore) {
    begin = offset - kMostBefore;
    while (!begins_column(text[begin])) ++begin;
    said.excerpt = "...";
  }
  said.caret = columns_in(said.excerpt + text.substr(begin, offset - begin));
  const bool is_cut = end - offset > kMostAfter;
  if (is_cut) {
    end = offset + kMostAfter;
    while (!begins_column(text[end])) --end;
  }
  said.excerpt += text.substr(begin, end - begin) + (is_cut ? "..." : "");
  return said;
}

EngineWords words_about_condition(EngineWords said,
                                  const std::string& condition,
                                  int lines_before) {
  if (said.line == 0) return said;
  const int lines = 1 + static_cast<int>(std::count(condition.begin(), condition.end(), '\n'));
  said.line -= lines_before;
  if (said.line < 1) said.line = 0;
  if (said.line <= lines) return said;
  // The engine stumbles over our bracket.
  const std::size_t last = condition.find_last_not_of(" \t\r\n");
  return words_about("the condition ends where more is expected",
                     condition,
                     last == std::string::npos ? 0 : last + 1);
}

}  // namespace canopy
