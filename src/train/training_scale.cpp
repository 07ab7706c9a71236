// SPDX-License-Identifier: Apache-2.0
#include "train/training_scale.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/log.h"
#include "data/crown_size.h"
#include "train/evaluate.h"

namespace canopy {
namespace {

constexpr double kSimilar = 1.5;  ///< of ground resolutions

}  // namespace

TrainingScale training_scale(const BlobStore& store,
                             std::span<const ExampleRef> refs,
                             const CropOptions& options) {
  const double typical_factor =
      options.augment ? std::sqrt(options.zoom_low * options.zoom_high) : 1;
  std::vector<double> gsd_m, crown_px, with_extents_m;
  std::map<double, double> of_points;  // tile's ground resolution -> the network's
  for (const ExampleRef& ref : spread(refs, 200)) {
    try {
      const Example example = decode(store.get(ref.uri));
      const double own = median_crown_px(example);
      const double zoom = working_zoom(example, options) * typical_factor;
      if (own > 0) crown_px.push_back(own * zoom * zoom);
      if (!(example.gsd_m > 0) || example.objects.empty()) continue;
      gsd_m.push_back(example.gsd_m / zoom);
      if (example.kind == LabelKind::Point)
        of_points[example.gsd_m] = gsd_m.back();
      else
        with_extents_m.push_back(example.gsd_m);
    } catch (const Error& error) {
      log_warning("tile " + ref.tile_id + " tells no scale: " + error.what());
    }
  }
  std::ranges::sort(gsd_m);
  std::ranges::sort(crown_px);
  TrainingScale scale;
  scale.crown_px_median = crown_px.empty() ? options.crown_px : crown_px[crown_px.size() / 2];
  for (int q = 0; q <= 8 && !gsd_m.empty(); ++q)
    scale.gsd_m.push_back(gsd_m[(gsd_m.size() - 1) * static_cast<std::size_t>(q) / 8]);
  const auto repeated = std::ranges::unique(scale.gsd_m);
  scale.gsd_m.erase(repeated.begin(), repeated.end());
  for (const auto& [tile_gsd_m, input_gsd_m] : of_points)
    if (std::ranges::none_of(with_extents_m, [&](double other_m) {
          return other_m < kSimilar * tile_gsd_m && other_m * kSimilar > tile_gsd_m;
        }))
      scale.point_scales.push_back({tile_gsd_m, input_gsd_m});
  return scale;
}

}  // namespace canopy
