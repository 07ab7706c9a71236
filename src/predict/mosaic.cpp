// SPDX-License-Identifier: Apache-2.0
#include "predict/mosaic.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

#include "base/error.h"
#include "nn/bands.h"

namespace canopy {
namespace {

/// The source samples that one output sample is made of, along one axis.
struct Taps {
  std::int64_t first = 0;
  std::vector<float> weights;
};

/// For output samples [begin, begin + count) on a grid `factor` source samples wide each: the
/// covered area where the output is coarser, two neighbours where it is finer.
std::vector<Taps> taps_of(std::int64_t begin, std::int64_t count, double factor) {
  std::vector<Taps> taps(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    Taps& tap = taps[static_cast<std::size_t>(i)];
    const double low = static_cast<double>(begin + i) * factor, high = low + factor;
    if (factor >= 1) {
      tap.first = static_cast<std::int64_t>(std::floor(low + 1e-6));
      const auto end = static_cast<std::int64_t>(std::ceil(high - 1e-6));
      for (std::int64_t s = tap.first; s < end; ++s)
        tap.weights.push_back(
            static_cast<float>(std::min<double>(high, static_cast<double>(s + 1)) -
                               std::max<double>(low, static_cast<double>(s))));
    } else {
      const double centre = (low + high) / 2 - 0.5;
      tap.first = static_cast<std::int64_t>(std::floor(centre));
      const auto right = static_cast<float>(centre - std::floor(centre));
      tap.weights = {1 - right, right};
    }
  }
  return taps;
}

}  // namespace

Mosaic::Mosaic(const Raster& raster, const ModelInfo& model, double working_gsd_m)
    : raster_(raster), gsd_m_(working_gsd_m), channels_(static_cast<int>(model.bands.size())) {
  require(working_gsd_m > 0, "the working resolution must be positive");
  factor_ = working_gsd_m / raster.gsd_m();
  if (std::abs(factor_ - 1) < 1e-3) factor_ = 1;
  const auto scaled = [&](std::int64_t n) {
    return std::max<std::int64_t>(1,
                                  std::llround(std::ceil(static_cast<double>(n) / factor_ - 1e-6)));
  };
  width_ = scaled(raster.width());
  height_ = scaled(raster.height());
  for (std::size_t channel = 0; channel < model.bands.size(); ++channel) {
    const auto band = raster.band(model.bands[channel]);
    if (!band) continue;
    source_bands_.push_back(*band);
    model_bands_.push_back(static_cast<int>(channel));
    normalisation_.push_back(normalise_plane(model.normalisation,
                                             static_cast<int>(channel),
                                             raster.dtype(),
                                             raster.scale(*band).value_or(0),
                                             raster.offset(*band).value_or(0)));
  }
  require(!source_bands_.empty(), [&] {
    return raster.path().string() + ": has none of the model's bands; name its bands with --bands";
  });
}

Transform Mosaic::world_from_pixel() const { return raster_.world_from_pixel().scaled(factor_); }

MosaicTile Mosaic::read(const Window& window) const {
  // From a factor of 4 on the raster averages whole blocks of pixels itself (from overviews where
  // there are any), about half of the way, so that memory stays bounded; taps do the exact rest.
  const auto shrink = factor_ >= 4 ? static_cast<std::int64_t>(std::floor(factor_ / 2 + 1e-6)) : 1;
  const double rest = factor_ / static_cast<double>(shrink);
  const auto columns = taps_of(window.x, window.width, rest),
             rows = taps_of(window.y, window.height, rest);
  const auto last = [](const Taps& tap) {
    return tap.first + static_cast<std::int64_t>(tap.weights.size());
  };
  const Window coarse{columns.front().first,
                      rows.front().first,
                      last(columns.back()) - columns.front().first,
                      last(rows.back()) - rows.front().first};
  const Pixels pixels = raster_.read(
      {coarse.x * shrink, coarse.y * shrink, coarse.width * shrink, coarse.height * shrink},
      source_bands_,
      static_cast<int>(coarse.width),
      static_cast<int>(coarse.height));

  MosaicTile tile;
  tile.planes = at::zeros({1, channels_, window.height, window.width});
  tile.valid.resize(static_cast<std::size_t>(window.area()));
  const auto plane_size =
      static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height);
  std::int64_t valid = 0;
  for (std::int64_t y = 0; y < window.height; ++y) {
    const Taps& row = rows[static_cast<std::size_t>(y)];
    for (std::int64_t x = 0; x < window.width; ++x) {
      const Taps& column = columns[static_cast<std::size_t>(x)];
      float weight = 0;
      std::vector<float> sums(source_bands_.size(), 0.0f);
      for (std::size_t j = 0; j < row.weights.size(); ++j) {
        const auto line = static_cast<std::size_t>(row.first - coarse.y) + j;
        for (std::size_t i = 0; i < column.weights.size(); ++i) {
          const std::size_t at = line * static_cast<std::size_t>(pixels.width) +
                                 static_cast<std::size_t>(column.first - coarse.x) + i;
          if (!pixels.valid[at]) continue;
          const float w = row.weights[j] * column.weights[i];
          weight += w;
          for (std::size_t b = 0; b < sums.size(); ++b)
            sums[b] += w * pixels.values[b * plane_size + at];
        }
      }
      if (weight <= 0) continue;
      ++valid;
      tile.valid[static_cast<std::size_t>(y * window.width + x)] = 1;
      for (std::size_t b = 0; b < sums.size(); ++b) {
        float* plane = tile.planes.data_ptr<float>() + model_bands_[b] * window.area();
        plane[y * window.width + x] =
            sums[b] / weight * normalisation_[b].factor + normalisation_[b].shift;
      }
    }
  }
  tile.valid_fraction =
      static_cast<double>(valid) / static_cast<double>(std::max<std::int64_t>(1, window.area()));
  return tile;
}

}  // namespace canopy
