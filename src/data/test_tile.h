// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/random.h"
#include "store/example.h"

// Tests only: a tile with round crowns whose brightness tells their id, so that pixels and labels
// can be compared.

namespace canopy {

/// `edge` px square, `bands` uint16 bands named after the model's; the sample of a crown's pixel is
/// 1000 + 10 * id in every band, of the ground 500.
inline Example tile_of_crowns(int edge,
                              int count,
                              std::uint64_t seed,
                              LabelKind kind = LabelKind::Mask,
                              std::vector<std::string> bands = {
                                  "blue", "green", "red", "red_edge", "nir"}) {
  Example example;
  example.width = example.height = edge;
  example.bands = std::move(bands);
  example.types.assign(example.bands.size(), SampleType::UInt16);
  example.gsd_m = 0.1;
  example.kind = kind;
  example.filename = "crowns-" + std::to_string(seed);
  std::vector<std::uint16_t> ids(static_cast<std::size_t>(edge) * edge);
  Random random(seed);
  for (int tries = 0; tries < 50 * count && std::ssize(example.objects) < count; ++tries) {
    const double radius = random.uniform(10, 24);
    const double cx = random.uniform(0, edge), cy = random.uniform(0, edge);
    bool is_free = true;
    std::vector<std::size_t> pixels;
    LabelledObject box{1e9f, 1e9f, 0, 0};
    for (int y = std::max(0, static_cast<int>(cy - radius));
         y < std::min(edge, static_cast<int>(cy + radius));
         ++y)
      for (int x = std::max(0, static_cast<int>(cx - radius));
           x < std::min(edge, static_cast<int>(cx + radius));
           ++x) {
        if (std::hypot(x + 0.5 - cx, y + 0.5 - cy) > radius) continue;
        const std::size_t at = static_cast<std::size_t>(y) * edge + x;
        is_free = is_free && ids[at] == 0;
        pixels.push_back(at);
        const auto fx = static_cast<float>(x), fy = static_cast<float>(y);
        box = {std::min(box.xmin, fx),
               std::min(box.ymin, fy),
               std::max(box.xmax, fx + 1),
               std::max(box.ymax, fy + 1)};
      }
    if (!is_free || pixels.size() < 30) continue;
    example.objects.push_back(box);
    for (const std::size_t at : pixels)
      ids[at] = static_cast<std::uint16_t>(example.objects.size());
  }
  std::vector<std::uint16_t> samples(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    samples[i] = ids[i] == 0 ? std::uint16_t{500} : static_cast<std::uint16_t>(1000 + 10 * ids[i]);
  std::vector<std::uint8_t> bytes(samples.size() * 2);
  std::memcpy(bytes.data(), samples.data(), bytes.size());
  example.planes.assign(example.bands.size(), bytes);
  if (kind == LabelKind::Mask) example.id_map = ids;
  return example;
}

}  // namespace canopy
