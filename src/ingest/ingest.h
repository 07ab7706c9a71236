// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "base/progress.h"
#include "catalog/tile_row.h"
#include "ingest/ingest_options.h"
#include "ingest/ingest_report.h"
#include "store/blob_store.h"

// An orthomosaic and its labels become example files and rows of the catalog, tile by tile, at one
// ground resolution or several, in memory bounded by the tiles that are being worked on. It may be
// killed at any moment:
//
//  0. a mark in the store says that it is at work (ingest/running_mark.h), so that nothing is
//     collected meanwhile; it goes in the end;
//  1. the id of the ingest is made of the content of its files and its options, so a second run
//     knows that it is the same;
//  2. when its manifest is in the store with all of its tiles, the ingest is done: the rows are
//     handed on once more (that changes nothing where they are already) and the report says so;
//  3. each tile is named by its content and put if absent: one that is there is not written again,
//     nor compressed;
//  4. after every tile the manifest is put: it commits the ingest, and the catalog can be made
//     again from it;
//  5. the rows are handed to the sink at once; a run killed before that is completed by 2.
//
// A tile that cannot be read and a label that cannot be used are named and passed over.

namespace canopy {

/// Takes all rows of an ingest at once; false: they were there already. Catalog::commit_part.
using RowSink = std::function<bool(const std::string& ingest_id, std::span<const TileRow> rows)>;

/// Throws User or NotFound for options, picture or labels that cannot be used (nothing is written
/// then), Environment when the store fails.
IngestReport ingest(const std::filesystem::path& picture,
                    const IngestOptions& options,
                    BlobStore& store,
                    const RowSink& sink,
                    Progress& progress = no_progress());

}  // namespace canopy
