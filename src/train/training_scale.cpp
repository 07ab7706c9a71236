// SPDX-License-Identifier: Apache-2.0
#include "train/training_scale.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "base/threads.h"
#include "data/crown_size.h"
#include "data/tile_read.h"
#include "train/evaluate.h"

namespace canopy {

TrainingScale training_scale(const BlobStore& store,
                             std::span<const ExampleRef> refs,
                             const CropOptions& options) {
  const double typical_factor =
      options.augment ? std::sqrt(options.zoom_low * options.zoom_high) : 1;
  struct Seen {
    double crown_px = 0, gsd_m = 0;  ///< 0: it does not say
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
      if (!example.objects.empty()) said.gsd_m = example.gsd_m / zoom;
    } catch (const Error& error) {
      log_warning(std::string(error.what()) + "; it tells no scale");
    }
  });
  std::vector<double> gsd_m, crown_px;
  for (const Seen& said : seen) {
    if (said.crown_px > 0) crown_px.push_back(said.crown_px);
    if (said.gsd_m > 0) gsd_m.push_back(said.gsd_m);
  }
  std::ranges::sort(gsd_m);
  std::ranges::sort(crown_px);
  TrainingScale scale;
  scale.crown_px_median = crown_px.empty() ? options.crown_px : crown_px[crown_px.size() / 2];
  for (int q = 0; q <= 8 && !gsd_m.empty(); ++q)
    scale.gsd_m.push_back(gsd_m[(gsd_m.size() - 1) * static_cast<std::size_t>(q) / 8]);
  const auto repeated = std::ranges::unique(scale.gsd_m);
  scale.gsd_m.erase(repeated.begin(), repeated.end());
  return scale;
}

}  // namespace canopy
