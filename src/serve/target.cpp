// SPDX-License-Identifier: Apache-2.0
#include "serve/target.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/nearest.h"

namespace canopy {
namespace {

constexpr std::size_t kLongestTarget = 8192;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
  }
  return out;
}

bool parse_path(std::string_view path, Target& target) {
  if (path.empty() || path[0] != '/') return false;
  path.remove_prefix(1);
  while (!path.empty()) {
    const auto slash = path.find('/');
    auto segment = decode(path.substr(0, slash), false);
    if (!segment || segment->empty() || *segment == "." || *segment == "..") return false;
    target.segments.push_back(std::move(*segment));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return true;
}

bool parse_query(std::string_view query, Target& target) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    const auto equals = pair.find('=');
    auto name = decode(pair.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::optional<std::string>(std::string())
                                                  : decode(pair.substr(equals + 1), true);
    if (!name || !value || name->empty()) return false;
    target.query.emplace_back(std::move(*name), std::move(*value));
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
  }
  return true;
}

}  // namespace

std::optional<std::string> Target::value(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [key, text] : query) {
    if (key != name) continue;
    require(!found, [&] { return std::string(name) + " is given twice; give it once"; });
    found = text;
  }
  return found;
}

std::int64_t Target::integer(std::string_view name,
                             std::int64_t fallback,
                             std::int64_t low,
                             std::int64_t high) const {
  const auto text = value(name);
  if (!text) return fallback;
  std::int64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, failure] = std::from_chars(text->data(), end, number);
  require(failure == std::errc() && stop == end && number >= low && number <= high, [&] {
    return std::string(name) + " '" + *text + "' must be a whole number from " +
           std::to_string(low) + " to " + std::to_string(high);
  });
  return number;
}

void Target::allow(const std::vector<std::string>& known) const {
  for (const auto& [name, text] : query) {
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    require(is_known, [&, &key = name] {
      return "unknown parameter '" + key + "'" + suggestion(key, known);
    });
  }
}

std::optional<Target> parse_target(std::string_view text) {
  if (text.size() > kLongestTarget) return std::nullopt;
  if (text.starts_with("http://")) {
    const auto slash = text.find('/', 7);
    if (slash == std::string_view::npos || slash == 7) return std::nullopt;
    text.remove_prefix(slash);
  }
  text = text.substr(0, text.find('#'));
  const auto question = text.find('?');
  Target target;
  if (!parse_path(text.substr(0, question), target)) return std::nullopt;
  if (question != std::string_view::npos && !parse_query(text.substr(question + 1), target))
    return std::nullopt;
  return target;
}

std::vector<double> parse_numbers(std::string_view what, std::string_view text, std::size_t count) {
  std::vector<double> numbers;
  const auto fail = [&] {
    return std::string(what) + " '" + std::string(text) + "' must be " + std::to_string(count) +
           " numbers with commas between them";
  };
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    double number = 0;
    const auto [stop, failure] = std::from_chars(at, end, number);
    require(failure == std::errc() && std::isfinite(number) && numbers.size() < count, fail);
    numbers.push_back(number);
    if (stop == end) break;
    require(*stop == ',', fail);
    at = stop + 1;
  }
  require(numbers.size() == count, fail);
  return numbers;
}

}  // namespace canopy
