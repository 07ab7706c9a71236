// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// What a browser must know of an orthomosaic before it shows it: place, bands, and between which
// values each band is stretched. Reflectances fill a small part of a uint16's range, so without
// this the picture would be black.

namespace canopy {

/// West, south, east, north.
using Extent = std::array<double, 4>;

/// One band, in raw values of the file.
struct BandView {
  std::string name;
  double low = 0, high = 1;  ///< what should look black and white: the 1st and the 99th percentile
  double top = 1;  ///< above nearly all values: the range in which band arithmetic is done
};

struct OrthoView {
  std::int64_t width = 0, height = 0;
  std::string dtype, crs,
      proj4;  ///< crs and proj4 empty: no georeference, metres from the top left
  Extent extent = {};
  double gsd_m = 0;
  std::vector<BandView> bands;
};

/// Reads at most a few megapixels, from overviews where there are some. `gsd_m` counts where the
/// file has no CRS.
OrthoView view_ortho(const std::filesystem::path& path, double gsd_m);

/// 8-bit bands as they are (somebody has made them to be looked at); others by percentiles of
/// `values`, which need no order and are consumed.
BandView stretch(const std::string& name, const std::string& dtype, std::vector<float>& values);

}  // namespace canopy
