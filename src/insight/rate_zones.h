// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "orchard/survey.h"

// How much to spread where: zones of a variable-rate map.
//
//   1. the field is the ground of the blocks' outlines, each place once;
//   2. cells of the spreader's width lie along the meridians, as ISOXML wants its grid; a cell's
//      value is the mean of the living trees about it, weighted by a Gaussian of half a cell (the
//      nearest tree's where none stands within three halves);
//   3. the cells are cut into as many classes as there are rates: class_breaks.h;
//   4. a zone is its cells, cut at the edge of the field: zones never overlap and leave nothing
//   out.
//
// Ground is measured on the plane that touches WGS 84 in the middle of the field; over 5 km its
// areas are right to 0.1 %.

namespace canopy {

struct FertiliserOptions {
  std::string by = "health", breaks = "quantiles", product = "fertiliser";
  std::vector<double> rates = {120, 90, 60};
  double cell_m = 10;
  std::vector<std::string> blocks = {};
  template <class F>
  void describe(F& field) {
    field("by", by, "What the zones follow: health, volume, area, ndvi or ndre.");
    field("rates", rates, "kg/ha, one for each zone, that of the lowest values first.");
    field(
        "breaks",
        breaks,
        "quantiles: zones of about equal area; jenks: zones where the values part by themselves.");
    field("cell-m", cell_m, "Width of the spreader, in metres.");
    field("product", product, "What is spread, for the machine's screen.");
    field("blocks", blocks, "Only these blocks, by number; all when left out.");
  }
  /// Throws User for no rate or more than nine, a negative one, or a cell under a metre.
  void validate() const;
};

/// Cells in rows from the south, each from west to east.
struct RateGrid {
  Point corner;  ///< longitude and latitude of the south-west one
  double cell_m = 0, cell_lng_deg = 0, cell_lat_deg = 0;
  int columns = 0, rows = 0;
  std::vector<int> zone;        ///< 1 and up; 0 where the cell holds nothing of the field
  std::vector<double> value;    ///< of the trees; 0 outside
  std::vector<double> area_m2;  ///< of the field, in the cell
};

struct RateZone {
  int zone = 0;  ///< 1: the lowest values
  double rate_kg_ha = 0;
  double from = 0, to = 0;  ///< the values of its cells; NaN without a cell
  double area_ha = 0, product_kg = 0;
  std::vector<Polygon> parts = {};  ///< longitude and latitude
};

struct RateMap {
  RateGrid grid;
  std::vector<RateZone> zones;
  std::vector<Polygon> field;  ///< longitude and latitude
  double area_ha() const;
  double product_kg() const;
};

/// Throws User when the survey has no block with an outline, when no living tree has the value, or
/// when the grid would have more than four million cells.
RateMap rate_map(const Survey& survey, const FertiliserOptions& options);

/// fertiliser.geojson, fertiliser.shp.zip (flat), fertiliser_rx.zip (the same in a folder Rx/),
/// TASKDATA/ (taskdata.h) and fertiliser.json, which is returned.
nlohmann::ordered_json write_rate_map(const RateMap& map,
                                      const Survey& survey,
                                      const FertiliserOptions& options,
                                      const std::filesystem::path& folder);

/// Square metres of polygons in longitude and latitude on the plane of `map`'s field.
double ground_m2(const std::vector<Polygon>& degrees, const RateMap& map);

}  // namespace canopy
