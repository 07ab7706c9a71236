// SPDX-License-Identifier: Apache-2.0
#include "nn/working_resolution.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/progress.h"

namespace canopy {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// How far a size is from the one the network knows, as a factor of at most 1.
double fit(double crown_px, double wanted_px) {
  const double octaves = std::log2(std::max(1.0, crown_px) / wanted_px) / 2;  // of the edge length
  return std::exp(-octaves * octaves);
}

}  // namespace

WorkingResolution choose_working_resolution(const Probe& probe,
                                            const std::vector<double>& ladder,
                                            double crown_px,
                                            double finest_gsd_m) {
  constexpr int kRefinements = 3;
  constexpr double kClose = 1.12;
  require(!ladder.empty(), "the model does not say at which ground resolutions it was trained");
  double best_value = 0, gsd = 0;
  bool best_tells_size = false;
  std::vector<double> crowns;
  for (const double candidate : ladder) {
    if (candidate < finest_gsd_m && candidate != ladder.back()) continue;
    const ProbeResult seen = probe(candidate);
    if (seen.crown_px.empty()) continue;
    const double value =
        std::sqrt(seen.score_sum) * seen.covered * fit(median(seen.crown_px), crown_px);
    const bool tells_size = seen.crown_px.size() >= kCrownsThatTellSize;
    if (std::pair(tells_size, value) > std::pair(best_tells_size, best_value)) {
      best_value = value;
      best_tells_size = tells_size;
      gsd = candidate;
      crowns = seen.crown_px;
    }
  }
  if (crowns.empty())
    return {
        std::max(finest_gsd_m, ladder[ladder.size() / 2]), 0, "no crown was found in the probes"};
  for (int i = 0; i < kRefinements; ++i) {
    const double next = std::max(finest_gsd_m, gsd * std::sqrt(median(crowns) / crown_px));
    if (next / gsd < kClose && gsd / next < kClose) break;
    const ProbeResult seen = probe(next);
    if (seen.crown_px.empty()) break;
    gsd = next;
    crowns = seen.crown_px;
  }
  const double found = median(crowns);
  return {gsd, found, "a median crown is " + format_count(std::llround(found)) + " px"};
}

std::optional<double> resolution_of_points(const ModelInfo& info, double tile_gsd_m) {
  constexpr double kAlike = 1.25;
  for (const PointScale& scale : info.point_scales)
    if (tile_gsd_m < kAlike * scale.tile_gsd_m && tile_gsd_m * kAlike > scale.tile_gsd_m)
      return scale.input_gsd_m;
  return std::nullopt;
}

}  // namespace canopy
