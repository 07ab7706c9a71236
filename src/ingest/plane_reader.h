// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "geo/raster.h"
#include "ingest/tile_grid.h"
#include "store/example.h"

// The pictures of an ingest as planes of tiles: the orthomosaic and the single-band files beside
// it, each with its own sample type (a float surface beside 16-bit bands).

namespace canopy {

class PlaneReader {
 public:
  /// Throws NotFound or User: what Raster::open says, a band that stands twice, one that an example
  /// cannot hold.
  PlaneReader(const std::filesystem::path& picture,
              const std::vector<std::string>& bands,
              const std::map<std::string, std::string>& extra,
              double gsd_m);

  const Raster& picture() const { return rasters_[0]; }

  /// Fills size, bands, types, scale, offset, planes, valid, gsd_m, crs and transform. A pixel is
  /// valid where all files have data, and 0 in every band elsewhere. A coarser grid has averages.
  /// Returns H*W flags of validity. For one thread at a time.
  std::vector<std::uint8_t> read(const TileGrid& grid, Example& example) const;

 private:
  std::vector<Raster> rasters_;  ///< the orthomosaic first
};

}  // namespace canopy
