// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/order.h"

// A snapshot as a plain list, for machines that have no database: tab-separated text, one example a
// line, below the lines
//   # dataset  <name>  <id>
//   tile_id  uri  bytes  split  label_kind  weight
// The first says of which dataset it is and may be missing, as may bytes, label_kind and weight;
// lines above the columns that begin with '#' are passed over. Columns may stand in any order and
// others may be there.

namespace canopy {

struct RefsFile {
  std::string dataset, dataset_id;  ///< empty where the list does not say
  std::vector<ExampleRef> refs;
};

/// Throws NotFound, or User naming the line and what is wrong with it.
RefsFile read_refs_file(const std::filesystem::path& path);

/// Atomic; the same refs give the same bytes. Throws User for a text that holds a tab or a line
/// break.
void write_refs_file(const std::filesystem::path& path, const RefsFile& list);

}  // namespace canopy
