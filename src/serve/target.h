// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The target of a request, "/api/v1/surveys/north%20block/trees?limit=10", taken apart (RFC
// 9112 3.2, RFC 3986). Segments are cut before they are decoded, so "%2F" never makes a new one,
// and they are only ever compared with names that the server knows: no file path is made from them.

namespace canopy {

struct Target {
  std::vector<std::string> segments;                       ///< decoded; "/" has none
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order

  /// The value of a query parameter. Throws User when it is given twice.
  std::optional<std::string> value(std::string_view name) const;
  /// A whole number in [low, high]. Throws User: "limit 'x' must be a whole number from 1 to
  /// 10000".
  std::int64_t integer(std::string_view name,
                       std::int64_t fallback,
                       std::int64_t low,
                       std::int64_t high) const;
  /// Throws User when a parameter is none of `known`, naming the nearest.
  void allow(const std::vector<std::string>& known) const;
};

/// Origin form, or absolute form with an http scheme. Nothing for what no well-meaning client
/// sends: bad percent codes, control characters, "." and ".." segments, more than 8,192 bytes.
std::optional<Target> parse_target(std::string_view text);

/// The numbers of a list "1,2.5,-3" that must have `count` finite ones. Throws User, naming `what`.
std::vector<double> parse_numbers(std::string_view what, std::string_view text, std::size_t count);

}  // namespace canopy
