// SPDX-License-Identifier: Apache-2.0
#include "ingest/example_picture.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "geo/picture.h"
#include "geo/raster_writer.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

RasterSpec spec_of(const Example& e) {
  RasterSpec spec;
  spec.width = e.width;
  spec.height = e.height;
  spec.crs = e.crs;
  if (e.transform.size() == 6)
    std::copy(e.transform.begin(), e.transform.end(), spec.world_from_pixel.t.begin());
  return spec;
}

float sample_at(const Example& e, std::size_t band, std::size_t i) {
  const std::uint8_t* plane = e.planes[band].data();
  switch (e.types[band]) {
    case SampleType::UInt8:
      return plane[i];
    case SampleType::UInt16: {
      std::uint16_t value = 0;
      std::memcpy(&value, plane + 2 * i, sizeof value);
      return value;
    }
    default: {
      float value = 0;
      std::memcpy(&value, plane + 4 * i, sizeof value);
      return value;
    }
  }
}

bool is_rgb(const Example& e) {
  std::vector<std::string> bands = e.bands;
  std::sort(bands.begin(), bands.end());
  return bands == std::vector<std::string>{"blue", "green", "red"} &&
         std::all_of(e.types.begin(), e.types.end(), [](SampleType type) {
           return type == SampleType::UInt8;
         });
}

fs::path with_ending(fs::path stem, const char* ending) { return stem += ending; }

}  // namespace

fs::path write_example_picture(const Example& e, const fs::path& stem) {
  const auto pixels = static_cast<std::size_t>(e.width) * static_cast<std::size_t>(e.height);
  if (is_rgb(e)) {
    Picture picture(e.width, e.height);
    constexpr std::array<const char*, 3> kOrder = {"red", "green", "blue"};
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const auto band = static_cast<std::size_t>(
          std::find(e.bands.begin(), e.bands.end(), kOrder[channel]) - e.bands.begin());
      for (std::size_t i = 0; i < pixels; ++i) picture.rgb[3 * i + channel] = e.planes[band][i];
    }
    const fs::path path = with_ending(stem, ".png");
    write_png(path, picture);
    return path;
  }
  RasterSpec spec = spec_of(e);
  spec.bands = e.bands;
  // One type for the file: that of all bands, or float where they differ.
  const bool is_one =
      std::adjacent_find(e.types.begin(), e.types.end(), std::not_equal_to<>()) == e.types.end();
  spec.type = !is_one || e.types[0] == SampleType::Float32 ? RasterType::Float32
              : e.types[0] == SampleType::UInt16           ? RasterType::UInt16
                                                           : RasterType::UInt8;
  if (!e.scale.empty()) spec.scale = e.scale[0];
  std::vector<std::uint8_t> samples;
  for (std::size_t band = 0; band < e.planes.size(); ++band) {
    if (is_one) {
      samples.insert(samples.end(), e.planes[band].begin(), e.planes[band].end());
      continue;
    }
    for (std::size_t i = 0; i < pixels; ++i) {
      const float value = sample_at(e, band, i);
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
      samples.insert(samples.end(), bytes, bytes + sizeof value);
    }
  }
  const fs::path path = with_ending(stem, ".tif");
  RasterWriter writer(path, spec);
  writer.write({0, 0, e.width, e.height}, samples.data());
  writer.finish();
  return path;
}

fs::path write_id_map(const Example& e, const fs::path& stem) {
  RasterSpec spec = spec_of(e);
  spec.type = RasterType::UInt16;
  spec.bands = {"object"};
  spec.is_categorical = true;
  const fs::path path = with_ending(stem, ".tif");
  RasterWriter writer(path, spec);
  writer.write({0, 0, e.width, e.height}, e.id_map.data());
  writer.finish();
  return path;
}

std::vector<std::int64_t> column_runs(const std::vector<bool>& is_inside, int width, int height) {
  std::vector<std::int64_t> runs = {0};
  bool now = false;
  for (int x = 0; x < width; ++x)
    for (int y = 0; y < height; ++y) {
      const bool inside = is_inside[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                                    static_cast<std::size_t>(x)];
      if (inside != now) runs.push_back(0);
      now = inside;
      ++runs.back();
    }
  return runs;
}

}  // namespace canopy
