// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog/duckdb_session.h"
#include "catalog/snapshot.h"

// Datasets that are there already, as a query sees them: the tables of the schema `datasets`.
//
//   datasets.walnuts                  the newest snapshot of that name
//   datasets."walnuts-3f9c2a71be04"   that very one
//
// with the columns of the snapshot. So a dataset can be made out of another: the same and more, the
// same and fewer, what that one lacks.

namespace canopy {

/// Makes the views that `sql` may mean: of each dataset whose name stands in the text. Returns
/// those datasets, whose parts the session must be allowed to read. A folder that is not there
/// holds none.
std::vector<Snapshot> make_dataset_views(DuckdbSession& session,
                                         const std::string& sql,
                                         const std::filesystem::path& datasets_folder);

}  // namespace canopy
