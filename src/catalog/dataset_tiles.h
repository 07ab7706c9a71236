// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "catalog/snapshot.h"

// Between tiles and the datasets that hold them: the step of a model's history that the registry
// leaves to the datasets' own files. Parts are in the order of tile_id, so a look-up reads a few
// pages of each.

namespace canopy {

/// A tile in a dataset.
struct TileUse {
  std::size_t dataset = 0;  ///< which of those that were asked
  std::string tile_id, split;
};

/// Where tiles stand whose id is `tile_id` or begins with it; by dataset, then tile_id. Throws User
/// for what is no beginning of an id (4 to 64 of 0-9 and a-f), Environment when a part is missing
/// or broken.
std::vector<TileUse> uses_of_tile(std::span<const Snapshot> datasets, const std::string& tile_id);

/// A picture that tiles were cut from.
struct TileSource {
  std::string sha256;  ///< of the file
  std::int64_t tiles = 0;
};

/// Of a dataset, most tiles first; none where its query left out `source_sha256`.
std::vector<TileSource> sources_of(const Snapshot& dataset);

}  // namespace canopy
