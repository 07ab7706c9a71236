// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "geo/raster.h"

class GDALDataset;

// What `raster.cpp` opens and `raster_read.cpp` reads.

namespace canopy {

struct RasterFile {
  /// One file: the main one, or one of RasterOptions::extra.
  struct Source {
    std::string path;
    std::shared_ptr<GDALDataset> dataset;
    std::vector<int> bands;  ///< those that have a name, from 1
    int alpha = 0;           ///< its band, or 0
    bool has_mask = false;
    bool is_float = false;
    std::optional<double> nodata;
  };
  struct Plane {
    std::size_t source = 0;
    int band = 0;  ///< from 1
    std::optional<double> scale, offset;
  };

  std::filesystem::path path;
  std::int64_t width = 0, height = 0;
  std::vector<Source> sources;
  std::vector<Plane> planes;  ///< one per name
  std::vector<std::string> names;
  std::string origin, dtype, crs;
  Transform world_from_pixel;
  double gsd_m = 0;
  bool is_cog = false;
};

struct Raster::Impl : RasterFile {};

}  // namespace canopy
