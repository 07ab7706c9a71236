// SPDX-License-Identifier: Apache-2.0
#include "demo_baseline.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace canopy {
namespace {

/// The index per pixel, in [-1, 1].
std::vector<float> vegetation_index(const Raster& raster) {
  std::vector<int> all;
  for (std::size_t i = 0; i < raster.bands().size(); ++i) all.push_back(static_cast<int>(i));
  const Pixels pixels = raster.read(raster.window(), all);
  const auto count = static_cast<std::size_t>(raster.window().area());
  const auto plane = [&](const char* name) {
    return pixels.values.data() + static_cast<std::size_t>(*raster.band(name)) * count;
  };
  std::vector<float> index(count, -1);
  const bool has_nir = raster.band("nir") && raster.band("red");
  for (std::size_t i = 0; i < count; ++i) {
    if (!pixels.valid[i]) continue;
    const float red = plane("red")[i];
    if (has_nir) {
      const float nir = plane("nir")[i];
      index[i] = (nir - red) / std::max(1e-6f, nir + red);
    } else {
      const float green = plane("green")[i], blue = plane("blue")[i];
      index[i] = (2 * green - red - blue) / std::max(1e-6f, red + green + blue);
    }
  }
  return index;
}

/// The threshold that best separates two classes: largest variance between them, over a histogram
/// of 256 bins.
float otsu_threshold(const std::vector<float>& values) {
  std::array<double, 256> histogram{};
  for (const float v : values)
    ++histogram[static_cast<std::size_t>(std::clamp((v + 1) * 127.5f, 0.0f, 255.0f))];
  double total = 0, weighted = 0;
  for (std::size_t i = 0; i < 256; ++i) {
    total += histogram[i];
    weighted += static_cast<double>(i) * histogram[i];
  }
  double below = 0, below_weighted = 0, best = -1;
  std::size_t threshold = 127;
  for (std::size_t i = 0; i < 255; ++i) {
    below += histogram[i];
    below_weighted += static_cast<double>(i) * histogram[i];
    if (below == 0 || below == total) continue;
    const double distance = below_weighted / below - (weighted - below_weighted) / (total - below);
    const double between = below * (total - below) * distance * distance;
    if (between > best) {
      best = between;
      threshold = i;
    }
  }
  return static_cast<float>(static_cast<double>(threshold + 1) / 127.5 - 1);
}

}  // namespace

std::vector<std::uint32_t> naive_crowns(const Raster& raster, double min_area_m2) {
  const std::vector<float> index = vegetation_index(raster);
  const float threshold = otsu_threshold(index);
  const std::int64_t width = raster.width(), height = raster.height();
  const auto least = static_cast<std::size_t>(min_area_m2 / (raster.gsd_m() * raster.gsd_m()));
  std::vector<std::uint32_t> ids(index.size(), 0);
  std::vector<bool> seen(index.size(), false);
  std::uint32_t next = 1;
  std::vector<std::size_t> part;
  for (std::size_t start = 0; start < index.size(); ++start) {
    if (seen[start] || index[start] < threshold) continue;
    part.assign(1, start);
    seen[start] = true;
    for (std::size_t k = 0; k < part.size(); ++k) {
      const std::int64_t x = static_cast<std::int64_t>(part[k]) % width,
                         y = static_cast<std::int64_t>(part[k]) / width;
      for (std::int64_t v = std::max<std::int64_t>(0, y - 1); v <= std::min(height - 1, y + 1);
           ++v) {
        for (std::int64_t u = std::max<std::int64_t>(0, x - 1); u <= std::min(width - 1, x + 1);
             ++u) {
          const auto at = static_cast<std::size_t>(v * width + u);
          if (seen[at] || index[at] < threshold) continue;
          seen[at] = true;
          part.push_back(at);
        }
      }
    }
    if (part.size() < least) continue;
    for (const std::size_t at : part) ids[at] = next;
    ++next;
  }
  return ids;
}

std::vector<IdBox> boxes_of_ids(const std::vector<std::uint32_t>& ids, int width, int height) {
  const std::uint32_t most = ids.empty() ? 0 : *std::max_element(ids.begin(), ids.end());
  std::vector<IdBox> boxes(most, IdBox{width, height, 0, 0});
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::uint32_t id = ids[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                                   static_cast<std::size_t>(x)];
      if (!id) continue;
      IdBox& box = boxes[id - 1];
      box.x0 = std::min(box.x0, x);
      box.y0 = std::min(box.y0, y);
      box.x1 = std::max(box.x1, x + 1);
      box.y1 = std::max(box.y1, y + 1);
    }
  }
  return boxes;
}

}  // namespace canopy
