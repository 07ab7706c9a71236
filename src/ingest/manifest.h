// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catalog/tile_row.h"

// The immutable record that an ingest leaves in the store, `ingests/<ingest>.json`: all that is
// known of the survey, the labels and each tile, so that the catalog can be made again from the
// store alone. It is the ingest's commit: written once, after every tile.
//
//   {"kind": "canopy ingest", "schema": 1, "ingest_id", "ingested_at",
//    "source": {...}, "labels": {...} or null, "options": {...}, "report": {...},
//    "common": {column: value, ...},       what all rows agree on
//    "tiles": [{column: value, ...}, ...], the rest of each row, in the order of tile_id
//    "content_sha256"}                     of this document without this member, as `dump()` has it
//
// Columns are those of catalog/tile_columns.h; one that is not there is NULL.

namespace canopy {

struct IngestManifest {
  std::string ingest_id, ingested_at;
  nlohmann::json source, labels, options, report;
  std::vector<TileRow> rows;
};

/// "ingests/<ingest>.json".
std::string manifest_path(const std::string& ingest_id);

std::vector<std::uint8_t> to_bytes(const IngestManifest& manifest);

/// Throws User, naming `name`: no manifest, of a later schema, or altered (its hash is not that of
/// its content).
IngestManifest manifest_from_bytes(const std::string& name, std::span<const std::uint8_t> bytes);

}  // namespace canopy
