// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

// One row of the table `tiles`: what can be asked about one tile under one revision of its labels
// (docs/formats.md, "Catalog parts"). The columns are described once, in catalog/tile_columns.h:
// the Parquet schema, the reader, the writer and the ingest's manifest all walk the description.

namespace canopy {

struct TileRow {
  // Identity.
  std::string tile_id, tile_key, uri;
  std::int64_t bytes = 0, schema_version = 1;
  // Provenance.
  std::string survey_id, source_uri, source_sha256;
  std::int64_t window_x = 0, window_y = 0;
  std::string ingest_id, ingested_at, labels_uri, labels_sha256, label_kind, labeller;
  std::int64_t label_revision = 1;
  // Place: lon and lat of the centre, bounds in `crs`. NaN without georeference.
  std::string farm, orchard, crop, cultivar, country, crs;
  double lon = 0, lat = 0, x_min = 0, y_min = 0, x_max = 0, y_max = 0;
  // Acquisition.
  std::string captured_on, sensor, bands, dtype;  ///< bands joined by ','
  double gsd_m = 0;
  // Image.
  std::int64_t width_px = 0, height_px = 0;
  double valid_fraction = 1;
  std::map<std::string, double> band_mean,
      band_sd;  ///< by canonical band; columns blue_mean, blue_std, ...
  double ndvi_mean = 0, ndre_mean = 0, sharpness = 0, saturated_fraction = 0,
         gzip_ratio = 0;  ///< NaN: not known
  std::uint64_t phash = 0;
  // Trees.
  std::int64_t tree_count = 0, dead_count = 0;
  double canopy_fraction = 0, crown_area_m2_min = 0, crown_area_m2_median = 0,
         crown_area_m2_max = 0, crown_px_median = 0, touching_fraction = 0, spacing_m_median = 0;
  bool cut_by_edge = false;
  nlohmann::json meta = nlohmann::json::object();
};

}  // namespace canopy
