// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "catalog/duckdb_session.h"
#include "catalog/snapshot.h"

namespace canopy {

/// The columns that a dataset keeps of `examples` unless told otherwise: what tells one tile from
/// another, and nothing that changes from run to run.
const std::vector<std::string>& usual_columns();

/// What the user asks: `options.sql`, or a SELECT of the usual and the chosen columns under
/// `options.where`.
std::string user_query(const SnapshotOptions& options);

/// The SELECT that makes the dataset out of the view `selected`, which holds the answer to
/// `user_query` with these columns: identity, split and weight first, in the order of tile_id.
/// Throws User when tile_id is not among them, a column comes twice, or split_by is neither
/// selected nor a column of `tiles`.
std::string dataset_query(const std::vector<ResultTable::Column>& selected,
                          const SnapshotOptions& options);

}  // namespace canopy
