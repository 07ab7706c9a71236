// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "catalog/duckdb_session.h"

// The parts of a catalog as SQL sees them: the views `tiles`, `examples` and `scores` of
// catalog/catalog.h, with every column present and typed even where no part has it.

namespace canopy {

/// Schema of the parts that this program writes and the latest that it reads; stands in their
/// key-value metadata.
inline constexpr int kPartSchema = 1;

/// How every part is written: the options of COPY, but for its key-value metadata.
inline const char* part_format() {
  return "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880, "
         "USE_TMP_FILE false";
}

/// Makes the views in `session`. Throws User, naming the file, for a part of a later schema or of
/// another program.
void make_views(DuckdbSession& session,
                const std::vector<std::filesystem::path>& tile_parts,
                const std::vector<std::filesystem::path>& score_parts);

}  // namespace canopy
