// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "orchard/survey.h"

// A survey as a folder:
//
//   trees.gpkg        layers trees, missing, rows, orchard; opens ready-styled in QGIS
//   trees.geojson     the crowns in WGS 84      missing.geojson    the gaps
//   trees.csv         the same columns without outlines
//   survey.json       summary, provenance, and size and SHA-256 of every file of the folder:
//   written last, the commit
//
// Columns of trees: id, lat, lng, ndre, ndvi, volume, area, row_index, tree_index, status, health,
// health_class, score, height, perimeter, model_id (the Aerobotics tree-survey API, and ours). What
// is not known is NULL.

namespace canopy {

/// Writes or replaces these files; others of the folder (labels.tif, ortho.tif) are listed as they
/// are. `provenance` is kept in survey.json. Throws User for a survey without trees, Environment
/// when the disk is full.
void write_survey(const std::filesystem::path& folder,
                  const Survey& survey,
                  const nlohmann::ordered_json& provenance = {});

/// The survey of a folder, from trees.gpkg and survey.json. Throws NotFound, or User naming the
/// file and what it lacks.
Survey read_survey(const std::filesystem::path& folder);

}  // namespace canopy
