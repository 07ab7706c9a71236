// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "geo/window.h"

// A georeferenced grid that is read by window, its bands known by name. Any size: nothing but the
// asked window is held.
//
// Names of bands come from, in this order: RasterOptions::bands; band descriptions ("red edge",
// "RedEdge", "NIR" are understood); colour interpretation; else 1 band: pan, 3: red green blue, 4:
// red green blue nir, 5: blue green red red_edge nir. An alpha band is never a colour: it, the mask
// band and nodata make `valid`.

namespace canopy {

struct RasterOptions {
  std::vector<std::string> bands = {};  ///< names, one per band of the file; "-" leaves a band out
  std::map<std::string, std::filesystem::path> extra =
      {};            ///< further single-band files on the same grid, by band name
  double gsd_m = 0;  ///< for pictures without a CRS: metres per pixel
};

/// Samples of a window, band after band.
struct Pixels {
  int width = 0, height = 0, bands = 0;
  std::vector<float> values;        ///< bands * height * width
  std::vector<std::uint8_t> valid;  ///< height * width: 1 valid, 0 nodata or outside the picture
  float at(int band, int x, int y) const {
    return values[(static_cast<std::size_t>(band) * static_cast<std::size_t>(height) +
                   static_cast<std::size_t>(y)) *
                      static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
};

class Raster {
 public:
  /// Of a file, or of s3://bucket/key (geo/picture_file.h).
  /// Throws NotFound, or User with file and remedy: not an image, no CRS and no gsd_m, a wrong
  /// number of band names.
  static Raster open(const std::filesystem::path& path, const RasterOptions& options = {});
  ~Raster();
  Raster(Raster&&) noexcept;
  Raster& operator=(Raster&&) noexcept;

  const std::filesystem::path& path() const;
  std::int64_t width() const;
  std::int64_t height() const;
  Window window() const { return {0, 0, width(), height()}; }
  const std::vector<std::string>& bands() const;
  /// Where the names come from, for people: "named in the file", "given", "by their number".
  const std::string& band_origin() const;
  std::optional<int> band(const std::string& name) const;
  /// "uint8", "uint16" or "float32" (others are read as float32).
  const std::string& dtype() const;
  /// reflectance = raw * scale + offset, per band; nothing where the file says nothing.
  std::optional<double> scale(int band) const;
  std::optional<double> offset(int band) const;
  /// "EPSG:32734" where the CRS has a code, else WKT, empty without CRS.
  const std::string& crs() const;
  /// World coordinates are in `crs()`; without one in metres from the top left, y upward.
  const Transform& world_from_pixel() const;
  /// Metres per pixel on the ground at the picture's centre, true whatever the CRS's units
  /// (degrees, feet, web Mercator): `ground_pixel_m` of crs.h.
  double gsd_m() const;
  bool is_cog() const;

  /// Reads `window` (it may reach beyond the picture: those pixels are invalid zeros) of the bands
  /// at `band_indices`, resampled to out_width x out_height when given (bilinear up, average down;
  /// `valid` by the nearest pixel; of the file's overviews those that suffice). Invalid pixels are
  /// 0 in every band. Integer samples are nodata where all bands of their file are, float ones
  /// where any band is, or is not finite. Throws User when the file is damaged. Not thread-safe:
  /// open one per thread.
  Pixels read(const Window& window,
              const std::vector<int>& band_indices,
              int out_width = 0,
              int out_height = 0) const;
  /// The same as raw little-endian samples of dtype(), one plane per band, with no conversion
  /// (averages of integers are rounded); nodata samples stay as they are.
  std::vector<std::vector<std::uint8_t>> read_raw(const Window& window,
                                                  const std::vector<int>& band_indices,
                                                  std::vector<std::uint8_t>* valid,
                                                  int out_width = 0,
                                                  int out_height = 0) const;
  /// The first band of a label map as what it is: unsigned 32-bit ids, row by row, 0 outside.
  /// Throws User when the band is not of whole numbers.
  std::vector<std::uint32_t> read_ids(const Window& window) const;

 private:
  struct Impl;
  explicit Raster(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace canopy
