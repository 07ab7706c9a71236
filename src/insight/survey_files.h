// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "orchard/survey.h"

// A survey as a folder of files that other programs open:
//
//   trees.gpkg        layers trees (crowns), missing (points), rows (lines), orchard (blocks),
//                     with QGIS styles
//   trees.parquet     the trees as GeoParquet 1.1
//   trees.geojson     the trees, WGS 84; not written without a CRS
//   missing.geojson   the missing trees, WGS 84; likewise
//   rows.geojson      the rows as lines, WGS 84; likewise
//   trees.csv         the trees and the missing trees, without geometry
//   survey.json       figures, provenance, and every file with its size and SHA-256; written last:
//                     it is the commit
//
// Columns of trees: id, lat, lng, ndre, ndvi, volume, area, row_index, tree_index, status, health,
// health_class, score, height, perimeter, model_id, then block and (in layers) x, y of the crown's
// centre. Metres, square and cubic metres; what is not known is null (empty in CSV), but for height
// and volume, which are 0 without a surface model. Other files of the folder (ortho.tif,
// labels.tif) are listed too when they are there. The whole contract: docs/formats.md, "Survey
// folder".

namespace canopy {

/// What a survey was made from, for the record.
struct SurveyProvenance {
  /// By role: "ortho", "labels", "dsm", "dtm" with path and SHA-256; "model_id".
  nlohmann::ordered_json inputs = nlohmann::ordered_json::object();
  /// {"name": value, ...}: all options of the command, as they were.
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  std::vector<std::string> notes = {};  ///< what the imagery does not allow to be said
  /// base/utc.h; empty: not recorded, so that the same survey gives the same bytes.
  std::string made_at;
};

/// Writes all files, each atomically, survey.json last; an older survey.json is removed first, so a
/// folder without one is an unfinished survey. Throws User for trees with the same id or a survey
/// without survey_id.
void write_survey(const Survey& survey,
                  const std::filesystem::path& folder,
                  const SurveyProvenance& provenance = {});

/// Reads a folder back. Throws NotFound without a survey.json, User when a file was changed since
/// (its SHA-256 differs) or is no survey. Rows, blocks, gaps and trees come back as they were
/// written.
Survey read_survey(const std::filesystem::path& folder);

}  // namespace canopy
