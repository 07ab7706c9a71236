// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "insight/boundary.h"
#include "orchard/survey.h"

// Trees from any table of them: what another program found, what somebody walked and wrote down, or
// a survey of ours. GeoPackage, GeoJSON and Shapefile with points or crowns, CSV with lat and lng.
//
//   place     the geometry (of a crown its centre); else lat and lng; else x and y in `crs`
//   id        whole numbers, each once; left out, rows are numbered from 1
//   area, perimeter, ndvi, ndre, volume, height, score, status (alive, dead)
//             where they are there; an empty cell is not known. Rows with the status "missing" are
//             passed over: gaps are found anew
//
// Names of columns in any case; the usual other names are understood (latitude, lon, long, easting,
// area_m2, ...). A table that cannot be right is refused in one line with its row: ids twice,
// places that are no number or lie far from all others, lat and lng in each other's columns where
// that can be told, an index outside -1 to 1, a negative area.

namespace canopy {

struct TreeTableOptions {
  std::string layer = {}, table_crs = {};
  template <class F>
  void describe(F& field) {
    field("layer",
          layer,
          "Of a table in a GeoPackage: its layer; \"trees\", or the only one, when left out.");
    field("table-crs", table_crs, "CRS of a table that does not say its own, such as EPSG:32734.");
  }
};

struct TreeTable {
  std::string crs;          ///< in metres, as a survey's (UTM where the table's own has others)
  std::vector<Tree> trees;  ///< in the order of the rows; what is not known is NaN
};

/// Throws NotFound, or User with the row and the remedy.
TreeTable read_tree_table(const std::filesystem::path& path, const TreeTableOptions& options);

/// Rows, numbers and missing trees from the places, health from the indices, cover from the areas.
/// With `boundary`, block by block as it names them (boundary.h).
Survey survey_of(TreeTable table, const std::string& survey_id, const Boundary& boundary = {});

}  // namespace canopy
