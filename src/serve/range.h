// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

// Byte ranges of RFC 9110 section 14: how a browser reads the few tiles of an orthomosaic that it
// shows. One range is answered ("bytes=0-99", "bytes=100-", "bytes=-50"). What the RFC lets a
// server ignore is ignored, and the whole file is sent: other units, malformed headers, several
// ranges at once.

namespace canopy {

/// Bytes [first, first + length).
struct ByteRange {
  std::uint64_t first = 0, length = 0;
  bool operator==(const ByteRange&) const = default;
};
struct WholeFile {
  bool operator==(const WholeFile&) const = default;
};
struct Unsatisfiable {
  bool operator==(const Unsatisfiable&) const = default;
};
using RangeAnswer = std::variant<WholeFile, ByteRange, Unsatisfiable>;

/// `header`: the value of Range, empty when there is none. A range that reaches beyond the end is
/// cut there.
RangeAnswer parse_range(std::string_view header, std::uint64_t file_size);

/// Whether a Range counts at all: If-Range is absent, or is exactly the file's strong entity tag. A
/// date never matches, because a file may change twice within its second.
bool if_range_holds(std::string_view if_range, std::string_view etag);

/// Whether a list of entity tags (If-None-Match) holds `etag`, by weak comparison; "*" holds any.
bool etag_matches(std::string_view list, std::string_view etag);

/// "bytes 0-99/1234"
std::string content_range(const ByteRange& range, std::uint64_t file_size);

}  // namespace canopy
