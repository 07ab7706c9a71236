// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "data/order.h"

// A snapshot as a plain list, for machines that have no database: tab-separated text, one example a
// line, below the line
//   tile_id  uri  bytes  split  label_kind  weight
// Columns may stand in any order and others may be there; tile_id, uri and split must be.

namespace canopy {

/// Throws NotFound, or User naming the line and what is wrong with it.
std::vector<ExampleRef> read_refs_file(const std::filesystem::path& path);

/// Atomic. Throws User for a text that holds a tab or a line break.
void write_refs_file(const std::filesystem::path& path, std::span<const ExampleRef> refs);

}  // namespace canopy
