// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// gzip (RFC 1952) through libdeflate, whole buffers at a time. One member per file, no time stamp,
// no name, operating system "unknown" (255): the header's ten bytes are always the same.

namespace canopy {

/// One gzip member at level 6. The same bytes in give the same bytes out (of one version of
/// libdeflate).
std::vector<std::uint8_t> gzip(std::span<const std::uint8_t> bytes);

/// The content of one gzip member, into `out`, which keeps its capacity from call to call. `out` is
/// given the size that the member's trailer states, after that size was held against `max_bytes`
/// and against what deflate can reach (1032 to 1), so that a small hostile file cannot ask for much
/// memory. Throws User: not gzip, damaged, truncated, larger than `max_bytes`, or followed by
/// anything (a second member, garbage).
void gunzip(std::span<const std::uint8_t> member,
            std::vector<std::uint8_t>& out,
            std::size_t max_bytes);

/// The same in two steps, for memory that the caller brings: the size that the trailer states, held
/// against both bounds; then the content, into `out` of exactly that size.
std::size_t gunzip_size(std::span<const std::uint8_t> member, std::size_t max_bytes);
void gunzip(std::span<const std::uint8_t> member, std::span<std::uint8_t> out);

}  // namespace canopy
