// SPDX-License-Identifier: Apache-2.0
#include "catalog/result_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace canopy {
namespace {

bool is_number(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell);
}

/// How many columns of a terminal a UTF-8 text takes, one per code point.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// On one line, and at most `width` wide.
std::string fitted(std::string text, int width) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
  const auto limit = static_cast<std::size_t>(std::max(width, 2));
  if (width_of(text) <= limit) return text;
  std::size_t end = 0, seen = 0;
  while (end < text.size() && ((text[end] & 0xC0) == 0x80 || seen++ < limit - 1)) ++end;
  return text.substr(0, end) + "…";
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string fill(width - std::min(width, width_of(text)), ' ');
  return right ? fill + text : text + fill;
}

std::string csv_field(const std::string& text, bool is_text) {
  if (!(is_text && text.empty()) && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string to_text(const Cell& cell) {
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return std::to_string(*whole);
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  const auto* number = std::get_if<double>(&cell);
  if (!number) return "";
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, *number).ptr);
}

std::string ResultTable::pretty(int max_width) const {
  std::vector<std::vector<std::string>> texts(rows.size());
  std::vector<std::size_t> widths;
  std::vector<bool> right(columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    widths.push_back(width_of(columns[c].name));
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const Cell& cell = rows[r][c];
      texts[r].push_back(
          std::holds_alternative<std::monostate>(cell) ? "-" : fitted(to_text(cell), max_width));
      widths[c] = std::max(widths[c], width_of(texts[r][c]));
      right[c] = right[c] || is_number(cell);
    }
  }
  std::string out;
  const auto line = [&](const auto& text_of) {
    std::string row;
    for (std::size_t c = 0; c < columns.size(); ++c)
      row += (c ? "  " : "") + padded(text_of(c), widths[c], right[c]);
    row.erase(row.find_last_not_of(' ') + 1);
    out += row + "\n";
  };
  line([&](std::size_t c) { return columns[c].name; });
  for (const auto& row : texts) line([&](std::size_t c) { return row[c]; });
  if (truncated) out += "... more rows follow\n";
  return out;
}

std::string ResultTable::csv() const {
  std::string out;
  for (std::size_t c = 0; c < columns.size(); ++c)
    out += (c ? "," : "") + csv_field(columns[c].name, true);
  out += "\r\n";
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c)
      out +=
          (c ? "," : "") + csv_field(to_text(row[c]), std::holds_alternative<std::string>(row[c]));
    out += "\r\n";
  }
  return out;
}

nlohmann::ordered_json ResultTable::json() const {
  auto list = nlohmann::ordered_json::array();
  for (const auto& row : rows) {
    auto object = nlohmann::ordered_json::object();
    for (std::size_t c = 0; c < row.size(); ++c) {
      auto& value = object[columns[c].name];
      if (const auto* number = std::get_if<double>(&row[c])) {
        if (std::isfinite(*number)) value = *number;
      } else {
        std::visit(
            [&](const auto& held) {
              if constexpr (!std::is_same_v<std::decay_t<decltype(held)>, std::monostate>)
                value = held;
            },
            row[c]);
      }
    }
    list.push_back(std::move(object));
  }
  return list;
}

}  // namespace canopy
