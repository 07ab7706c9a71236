// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "geo/raster.h"
#include "nn/model_file.h"

// The mosaic as the network wants it: the model's bands, normalised, on a grid of the working
// ground resolution. Any window of that grid can be had, in memory of the window alone; it may
// reach beyond the picture.

namespace canopy {

/// A window of the working grid.
struct MosaicTile {
  at::Tensor planes;  ///< float32 [1, C, H, W]; a missing band and pixels without data are 0
  std::vector<std::uint8_t> valid;  ///< H * W: 1 where the mosaic has data
  double valid_fraction = 0;
};

class Mosaic {
 public:
  /// Keeps `raster` open by reference. Throws User when it has none of the model's bands.
  Mosaic(const Raster& raster, const ModelInfo& model, double working_gsd_m);

  double gsd_m() const { return gsd_m_; }
  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }
  Transform world_from_pixel() const;
  /// Source pixels per working pixel.
  double factor() const { return factor_; }

  /// Area average where the working grid is coarser than the mosaic, bilinear where it is finer.
  /// Not thread-safe.
  MosaicTile read(const Window& window) const;

 private:
  const Raster& raster_;
  double gsd_m_, factor_;
  std::int64_t width_, height_;
  std::vector<int> source_bands_;  ///< of the raster
  std::vector<int> model_bands_;   ///< the channel of each of them
  std::vector<AffineNormalisation> normalisation_;
  int channels_ = 0;
};

}  // namespace canopy
