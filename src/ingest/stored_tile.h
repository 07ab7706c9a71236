// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "catalog/tile_row.h"
#include "store/blob_store.h"
#include "store/example.h"

namespace canopy {

/// An example put into a store under its own hash, unless it is there already.
struct StoredTile {
  TileRow row;          ///< ids, uri, size and what its pixels and trees tell (tile_statistics.h)
  bool is_new = false;  ///< this call wrote the file
};
StoredTile store_tile(BlobStore& store, const Example& example);

/// What is wrong with the example file of a tile, in words that name its address; empty when
/// nothing is. With `read_all` every bit of the file is held against its name, the SHA-256 of what
/// it unpacks to; without, only its size is asked. `bytes` is what its row says; -1: not known.
std::string problem_of_tile(const BlobStore& store,
                            const std::string& tile_id,
                            const std::string& uri,
                            std::int64_t bytes,
                            bool read_all);

}  // namespace canopy
