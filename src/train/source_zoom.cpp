// SPDX-License-Identifier: Apache-2.0
#include "train/source_zoom.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <ATen/ATen.h>

#include "data/crop.h"
#include "nn/working_resolution.h"

namespace canopy {
namespace {

constexpr std::int64_t kLookPx = 416;  ///< edge of one place at the network's input
constexpr double kMostEdgePx = 2560;   ///< of a whole tile there

/// Ground resolutions to look at, an octave apart and ascending; none below `finest`.
std::vector<double> ladder_between(double low, double high, double finest) {
  std::vector<double> ladder;
  const int octaves = static_cast<int>(std::floor(std::log2(high * 1.01 / low)));
  for (int i = 0; i <= octaves; ++i) {
    const double next = std::max(low * std::exp2(i), finest);
    if (ladder.empty() || next > ladder.back()) ladder.push_back(next);
  }
  return ladder;
}

/// Where places of at most `kLookPx` begin along an edge.
std::vector<std::int64_t> places(std::int64_t edge) {
  if (edge <= kLookPx) return {0};
  return {0, edge - kLookPx};
}

}  // namespace

double trained_zoom(const ModelInfo& info, double tile_gsd_m) {
  const std::vector<double>& trained = info.trained_gsd_m;
  if (trained.empty() || !(tile_gsd_m > 0)) return 1;
  const std::size_t quarter = trained.size() / 4;
  return tile_gsd_m /
         std::clamp(tile_gsd_m, trained[quarter], trained[trained.size() - 1 - quarter]);
}

double source_zoom(const ModelInfo& info, double tile_gsd_m, double most_zoom, const Look& look) {
  if (const std::optional<double> of_points = resolution_of_points(info, tile_gsd_m))
    return std::min(tile_gsd_m / *of_points, most_zoom);
  const bool is_known = !info.trained_gsd_m.empty() && tile_gsd_m > 0;
  const double gsd_m = is_known ? tile_gsd_m : 1, finest = gsd_m / most_zoom;
  const double low = is_known ? info.trained_gsd_m.front() : gsd_m;
  const double high = is_known ? info.trained_gsd_m.back() : gsd_m;
  std::map<double, std::size_t> crowns;
  const Probe probe = [&](double at_gsd_m) {
    ProbeResult seen = look(gsd_m / at_gsd_m);
    crowns[at_gsd_m] = seen.crown_px.size();
    return seen;
  };
  const double chosen_gsd_m =
      choose_working_resolution(
          probe, ladder_between(low / 2, high * 2, finest), info.crown_px_median, finest)
          .gsd_m;
  if (crowns[chosen_gsd_m] < kCrownsThatTellSize)
    return std::min(trained_zoom(info, tile_gsd_m), most_zoom);
  return gsd_m / chosen_gsd_m;
}

double most_zoom_of(const Example& tile) {
  return std::min(8.0, std::max(1.0, kMostEdgePx / std::max(tile.height, tile.width)));
}

ProbeResult look_at(const Model& model, const std::vector<Example>& tiles, double zoom) {
  ProbeTally tally(model.info.score_threshold);
  for (const Example& tile : tiles) {
    const at::Tensor whole = whole_tile(tile, model.info.normalisation, zoom);
    const std::int64_t height = whole.size(2), width = whole.size(3);
    for (const std::int64_t y : places(height))
      for (const std::int64_t x : places(width)) {
        const at::Tensor place = whole.narrow(2, y, std::min(kLookPx, height))
                                     .narrow(3, x, std::min(kLookPx, width))
                                     .contiguous();
        const double valid = place.ne(0).any(1).to(at::kFloat).mean().item<double>();
        if (valid < 0.2) continue;
        tally.add(model.network.detect(place).front(),
                  static_cast<int>(place.size(2)),
                  static_cast<int>(place.size(3)),
                  valid);
      }
  }
  return tally.result();
}

}  // namespace canopy
