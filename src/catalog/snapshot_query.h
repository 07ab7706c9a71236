// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "catalog/duckdb_session.h"
#include "catalog/snapshot.h"

namespace canopy {

/// The columns that a dataset keeps of `examples` unless told otherwise: what tells one tile from
/// another, and nothing that changes from run to run.
const std::vector<std::string>& usual_columns();

/// What the user asks: `options.sql`, or a SELECT of the usual and the chosen columns under
/// `options.where`.
std::string user_query(const SnapshotOptions& options);

/// Throws User, naming what is near, unless each of `options.columns` is one of `examples`.
void require_columns(const SnapshotOptions& options,
                     const std::vector<ResultTable::Column>& examples);
/// What an engine says of `user_query` as words about what the user wrote: the place is one in
/// `options.where` or `options.sql`.
Error in_own_text(const Error& error, const SnapshotOptions& options);

/// The SELECT that makes the dataset out of the view `selected`, which holds the answer to
/// `user_query` with these columns: identity, split and weight first, in the order of tile_id.
/// What a dataset needs and the query lacks is looked up in `tiles`. Throws User when tile_id is
/// not among the columns, a column comes twice, or split_by is neither selected nor a column of
/// `tiles`.
std::string dataset_query(const std::vector<ResultTable::Column>& selected,
                          const SnapshotOptions& options);

/// The same in two steps, where one engine answers and another makes the dataset: the columns that
/// the first has to look up, and the SELECT over a view `selected` that has them too, each under
/// the name that `looked_up_name` gives it.
struct DatasetQuery {
  std::vector<std::string> looked_up;
  std::string sql;
};
DatasetQuery dataset_query_in_two_steps(const std::vector<ResultTable::Column>& selected,
                                        const SnapshotOptions& options);
std::string looked_up_name(const std::string& column);

}  // namespace canopy
