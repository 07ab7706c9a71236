// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.h"

// The rows of single ingests, taken out of parts: for those who hold the CatalogLock
// (catalog/compaction.h).

namespace canopy {

/// Makes tiles/<ingest>.parquet of the rows of each ingest in a merged part that is not among
/// `known` and has no part of its own. Returns the ingests of the merged part that are not among
/// `known`.
std::vector<std::string> extract_ingests(const Catalog& catalog,
                                         const CatalogPart& merged,
                                         const std::set<std::string>& known);

/// Removes all rows of these ingests: their own parts, and merged parts are written anew without
/// them. The ingests may come again later. Throws Environment when a disk is full; what is removed
/// by then stays so.
void drop_ingests(const Catalog& catalog, const std::vector<std::string>& ingests);

}  // namespace canopy
