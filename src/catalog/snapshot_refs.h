// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/snapshot.h"

// The tiles of a dataset, as the loader needs them and as two datasets are compared.

namespace canopy {

/// One tile of a dataset.
struct SnapshotRef {
  std::string tile_id;
  std::string uri;  ///< name in the store
  std::int64_t bytes = 0;
  std::string split;
  std::string label_kind;  ///< "mask", "box", "point", "none"
  double weight = 1;
};

/// In the order of tile_id; of one split, or of all when `split` is empty. Throws Environment or
/// User when a part is missing or broken.
std::vector<SnapshotRef> read_refs(const Snapshot& snapshot, const std::string& split = "");

struct SnapshotDiff {
  std::vector<std::string> added,
      removed;  ///< tile_ids of `to` alone, and of `from` alone; in order
};
SnapshotDiff diff_snapshots(const Snapshot& from, const Snapshot& to);

}  // namespace canopy
