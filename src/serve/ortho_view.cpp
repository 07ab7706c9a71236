// SPDX-License-Identifier: Apache-2.0
#include "serve/ortho_view.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "geo/crs.h"
#include "geo/raster.h"

namespace canopy {
namespace {

constexpr std::int64_t kSampleEdgePx = 512;
constexpr std::int64_t kSampleWindowPx = 256;

// With overviews the whole picture reduced; without, windows at their own resolution on a lattice
// over it.
std::vector<Pixels> sample(const Raster& raster) {
  std::vector<int> bands(raster.bands().size());
  std::iota(bands.begin(), bands.end(), 0);
  const auto width = raster.width(), height = raster.height();
  std::vector<Pixels> samples;
  if (raster.is_cog() || width * height <= std::int64_t{4096} * 4096) {
    const double factor = std::min(
        1.0, static_cast<double>(kSampleEdgePx) / static_cast<double>(std::max(width, height)));
    samples.push_back(
        raster.read(raster.window(),
                    bands,
                    std::max(1, static_cast<int>(static_cast<double>(width) * factor)),
                    std::max(1, static_cast<int>(static_cast<double>(height) * factor))));
    return samples;
  }
  for (int row = 1; row <= 4; ++row)
    for (int column = 1; column <= 4; ++column) {
      const Window window{width * column / 5 - kSampleWindowPx / 2,
                          height * row / 5 - kSampleWindowPx / 2,
                          kSampleWindowPx,
                          kSampleWindowPx};
      samples.push_back(raster.read(intersection(window, raster.window()), bands));
    }
  return samples;
}

double percentile(std::vector<float>& values, double fraction) {
  const auto at = values.begin() +
                  static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

Extent extent_of(const Raster& raster) {
  const auto width = static_cast<double>(raster.width()),
             height = static_cast<double>(raster.height());
  Extent extent = {INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (const double column : {0.0, width})
    for (const double row : {0.0, height}) {
      const Point corner = raster.world_from_pixel().world_from_pixel(column, row);
      extent = {std::min(extent[0], corner.x),
                std::min(extent[1], corner.y),
                std::max(extent[2], corner.x),
                std::max(extent[3], corner.y)};
    }
  return extent;
}

}  // namespace

BandView stretch(const std::string& name, const std::string& dtype, std::vector<float>& values) {
  if (dtype == "uint8") return {name, 0, 255, 255};
  std::erase_if(values, [](float value) { return !std::isfinite(value); });
  if (values.empty()) return {name, 0, 1, 1};
  BandView view{
      name, percentile(values, 0.01), percentile(values, 0.99), percentile(values, 0.999)};
  // Averaged overviews hide the extremes of single pixels.
  view.top = std::max(view.top * 1.25, view.top + 1e-6);
  if (view.high <= view.low) view.high = view.low + std::max(1e-6, std::abs(view.low) * 1e-3);
  view.top = std::max(view.top, view.high);
  return view;
}

OrthoView view_ortho(const std::filesystem::path& path, double gsd_m) {
  RasterOptions options;
  options.gsd_m = gsd_m;
  const Raster raster = Raster::open(path, options);
  OrthoView view;
  view.width = raster.width();
  view.height = raster.height();
  view.dtype = raster.dtype();
  view.crs = raster.crs();
  if (!view.crs.empty()) view.proj4 = proj4_of(view.crs);
  view.extent = extent_of(raster);
  view.gsd_m = raster.gsd_m();
  const auto samples = sample(raster);
  for (std::size_t band = 0; band < raster.bands().size(); ++band) {
    std::vector<float> values;
    for (const auto& pixels : samples) {
      const auto area = pixels.valid.size();
      for (std::size_t i = 0; i < area; ++i)
        if (pixels.valid[i]) values.push_back(pixels.values[band * area + i]);
    }
    view.bands.push_back(stretch(raster.bands()[band], view.dtype, values));
  }
  return view;
}

}  // namespace canopy
