// SPDX-License-Identifier: Apache-2.0
#include "train/training_scale.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/log.h"
#include "base/threads.h"
#include "data/crown_size.h"
#include "data/tile_read.h"
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
  struct Seen {
    double crown_px = 0, gsd_m = 0, tile_gsd_m = 0;  ///< 0: it does not say
    bool has_points = false;
  };
  const std::vector<ExampleRef> looked_at = spread(refs, 200);
  std::vector<Seen> seen(looked_at.size());
  parallel_for(std::ssize(looked_at), store.reads_in_flight(), [&](std::int64_t i) {
    const ExampleRef& ref = looked_at[static_cast<std::size_t>(i)];
    try {
      const Example example = read_tile(store, ref);
      const double own = median_crown_px(example);
      const double zoom = working_zoom(example, options) * typical_factor;
      Seen& said = seen[static_cast<std::size_t>(i)];
      said.crown_px = own * zoom * zoom;
      said.has_points = example.kind == LabelKind::Point;
      if (!example.objects.empty() && example.gsd_m > 0)
        said.tile_gsd_m = example.gsd_m, said.gsd_m = example.gsd_m / zoom;
    } catch (const Error& error) {
      log_warning(std::string(error.what()) + "; it tells no scale");
    }
  });
  std::vector<double> gsd_m, crown_px, with_extents_m;
  std::map<double, double> of_points;  // tile's ground resolution -> the network's
  for (const Seen& said : seen) {
    if (said.crown_px > 0) crown_px.push_back(said.crown_px);
    if (!(said.gsd_m > 0)) continue;
    gsd_m.push_back(said.gsd_m);
    if (said.has_points)
      of_points[said.tile_gsd_m] = said.gsd_m;
    else
      with_extents_m.push_back(said.tile_gsd_m);
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
