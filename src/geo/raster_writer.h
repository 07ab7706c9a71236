// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "geo/window.h"

// Writes a raster window by window in bounded memory, then makes it a cloud-optimised GeoTIFF (COG)
// under its final name, atomically. Nothing appears under that name before `finish`.

namespace canopy {

enum class RasterType { UInt8, UInt16, UInt32, Float32 };

struct RasterSpec {
  std::int64_t width = 0, height = 0;
  RasterType type = RasterType::UInt16;
  std::vector<std::string> bands = {};  ///< descriptions, one per band
  std::string crs = {};                 ///< "EPSG:..." or WKT, may be empty
  Transform world_from_pixel = {};
  bool has_nodata = false;
  double nodata = 0;
  bool is_categorical = false;  ///< overviews by nearest instead of average (label maps)
  double scale = 0;             ///< reflectance = raw * scale, written to the file when not 0
  bool alpha_last = false;      ///< the last band is alpha
};

class RasterWriter {
 public:
  RasterWriter(std::filesystem::path path, RasterSpec spec);
  ~RasterWriter();  ///< without `finish`: nothing remains
  RasterWriter(const RasterWriter&) = delete;
  RasterWriter& operator=(const RasterWriter&) = delete;

  /// `samples` holds window.area() values of the spec's type per band, band after band.
  void write(const Window& window, const void* samples);
  /// Reads back a window of what was written (label maps are mended along seams). Same layout as
  /// `write`.
  void read(const Window& window, void* samples) const;
  /// Builds overviews, checks that the file opens, and gives it its name. Throws Environment on a
  /// full disk.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace canopy
