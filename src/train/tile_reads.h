// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "data/order.h"
#include "store/blob_store.h"
#include "store/example.h"

namespace canopy {

/// The tiles of a list in its order, read and decoded ahead of whoever looks at them by as many
/// threads as reads pay off in the store. No more tiles than that wait at any time, so the memory
/// does not grow with the list, and a network's latency is waited for once rather than for every
/// tile.
class TileReads {
 public:
  /// `store` must outlive it.
  TileReads(const BlobStore& store, std::vector<ExampleRef> refs);
  /// Reads under way end first.
  ~TileReads();
  TileReads(const TileReads&) = delete;
  TileReads& operator=(const TileReads&) = delete;

  /// The next tile. Throws what `read_tile` throws, at that tile's place. Throws Bug behind the
  /// last.
  Example next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace canopy
