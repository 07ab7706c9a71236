// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catalog/result_table.h"
#include "catalog/tile_row.h"

// The columns of the table `tiles`, described once: the Parquet schema, the writer, the reader and
// the manual walk this list. What is not known is NULL in SQL, whatever stands for it in the
// struct:
//
//   text      the empty text; `meta` is JSON as text, with keys in order
//   numbers   NaN. Each canonical band has two columns, <band>_mean and <band>_std, NULL where the
//             tile lacks the band
//   phash     BIGINT, the 64 bits as two's complement (SQL has no unsigned type that every engine
//             knows); bit_count(xor(a.phash, b.phash)) is the distance of two pictures

namespace canopy {

struct TileColumn {
  std::string name;
  std::string sql_type;  ///< VARCHAR, BIGINT, DOUBLE or BOOLEAN
  std::string help;      ///< one line for the manual
  std::function<Cell(const TileRow&)> get;
  /// Takes what `get` gives, so that a row read back equals the row written.
  std::function<void(TileRow&, const Cell&)> set;
};

/// In the order of the table.
const std::vector<TileColumn>& tile_columns();

/// `name TYPE, name TYPE, ...`: the columns for a CREATE TABLE.
std::string tile_table_columns();

/// Throws User when the row cannot stand in the catalog: no tile_id, tile_key, uri or ingest_id, a
/// size that is not positive, or a statistic of a band that is not canonical.
void require_complete(const TileRow& row);

}  // namespace canopy
