// SPDX-License-Identifier: Apache-2.0
#include "serve/range.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace canopy {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// A number too large for 64 bits is still a valid position: it lies beyond any file.
std::optional<std::uint64_t> parse_position(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  std::uint64_t number = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc::result_out_of_range ? UINT64_MAX : number;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? x + 32 : x) == (y >= 'A' && y <= 'Z' ? y + 32 : y);
  });
}

}  // namespace

RangeAnswer parse_range(std::string_view header, std::uint64_t file_size) {
  const auto equals = header.find('=');
  if (equals == std::string_view::npos) return WholeFile{};
  if (!equals_ignoring_case(trimmed(header.substr(0, equals)), "bytes")) return WholeFile{};
  const auto spec = trimmed(header.substr(equals + 1));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos) return WholeFile{};
  const auto first_text = spec.substr(0, dash), last_text = spec.substr(dash + 1);
  const auto first = parse_position(first_text), last = parse_position(last_text);
  if ((!first && !first_text.empty()) || (!last && !last_text.empty()) || (!first && !last))
    return WholeFile{};

  if (!first) {
    if (*last == 0 || file_size == 0) return Unsatisfiable{};
    const auto length = std::min(*last, file_size);
    return ByteRange{file_size - length, length};
  }
  if (last && *last < *first) return WholeFile{};
  if (*first >= file_size) return Unsatisfiable{};
  const auto end = last && *last < file_size ? *last + 1 : file_size;
  return ByteRange{*first, end - *first};
}

bool if_range_holds(std::string_view if_range, std::string_view etag) {
  return if_range.empty() || (trimmed(if_range) == etag && !etag.starts_with("W/"));
}

bool etag_matches(std::string_view list, std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  while (!list.empty()) {
    const auto comma = list.find(',');
    auto tag = trimmed(list.substr(0, comma));
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == "*" || (!tag.empty() && tag == etag)) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

std::string content_range(const ByteRange& range, std::uint64_t file_size) {
  return "bytes " + std::to_string(range.first) + "-" +
         std::to_string(range.first + range.length - 1) + "/" + std::to_string(file_size);
}

}  // namespace canopy
