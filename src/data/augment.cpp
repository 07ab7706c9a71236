// SPDX-License-Identifier: Apache-2.0
#include "data/augment.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "base/error.h"
#include "nn/bands.h"

namespace canopy {
namespace {

/// [1 2 1] / 4 along both axes; the edge keeps its value.
void blur(int size, float* plane) {
  thread_local std::vector<float> previous, current;
  previous.resize(size);
  current.resize(size);
  for (int y = 0; y < size; ++y) {
    float* row = plane + static_cast<std::ptrdiff_t>(y) * size;
    float left = row[0];
    for (int x = 0; x < size; ++x) {
      const float here = row[x], right = x + 1 < size ? row[x + 1] : here;
      row[x] = 0.25f * (left + 2 * here + right);
      left = here;
    }
  }
  for (int y = 0; y < size; ++y) {
    float* row = plane + static_cast<std::ptrdiff_t>(y) * size;
    const float* next = y + 1 < size ? row + size : row;
    std::copy(row, row + size, current.begin());
    if (y == 0) previous = current;
    for (int x = 0; x < size; ++x) row[x] = 0.25f * (previous[x] + 2 * row[x] + next[x]);
    previous.swap(current);
  }
}

bool is_infrared(std::size_t band) {
  return kModelBands[band] == "nir" || kModelBands[band] == "red_edge";
}

}  // namespace

void AugmentOptions::validate() const {
  require(brightness >= 0 && brightness <= 2, "augment.brightness must lie in [0, 2]");
  require(contrast >= 0 && contrast < 1, "augment.contrast must lie in [0, 1)");
  for (const double chance : {band_dropout, blur, shadow})
    require(chance >= 0 && chance <= 1, [&] {
      return "augment: a chance of " + std::to_string(chance) + " does not lie in [0, 1]";
    });
}

Augmentation draw_augmentation(const AugmentOptions& options,
                               std::span<const bool> present,
                               int size_px,
                               Random& random) {
  Augmentation drawn;
  const double common = random.uniform(-options.brightness, options.brightness);
  const double contrast = random.uniform(-options.contrast, options.contrast);
  bool any_visible = false;
  for (std::size_t b = 0; b < present.size(); ++b) {
    const double own = random.uniform(-options.brightness, options.brightness) / 3;
    const double gain = std::exp(common + own) * (1 + contrast);
    // Contrast turns about display grey 0.35, which is about what a scene's mean is.
    drawn.bands.push_back(
        {false, static_cast<float>(gain), static_cast<float>(-0.35 * contrast * std::exp(common))});
    any_visible = any_visible || (present[b] && !is_infrared(b));
  }
  const bool drops = random.chance(options.band_dropout);
  const std::int64_t which = random.below(4);  // half of the time both, else one of them
  for (std::size_t b = 0; b < present.size(); ++b)
    if (drops && any_visible && is_infrared(b))
      drawn.bands[b].is_dropped = which < 2 || (which == 2) == (kModelBands[b] == "nir");
  drawn.is_blurred = random.chance(options.blur);
  drawn.has_shadow = random.chance(options.shadow);
  const double angle = random.uniform(0, 2 * std::numbers::pi), half = size_px / 2.0;
  drawn.shadow_x = static_cast<float>(std::cos(angle));
  drawn.shadow_y = static_cast<float>(std::sin(angle));
  drawn.shadow_at =
      static_cast<float>(half * (std::cos(angle) + std::sin(angle)) + random.uniform(-half, half));
  drawn.shadow_softness = static_cast<float>(random.uniform(1, 12));
  drawn.shadow_gain = static_cast<float>(random.uniform(0.45, 0.8));
  return drawn;
}

AffineNormalisation with_gain(const Normalisation& normalisation,
                              int model_band,
                              AffineNormalisation affine,
                              Augmentation::Band band) {
  // input = (display - mean) / sd, so display' = display * gain + offset gives
  // input' = input * gain + (mean * (gain - 1) + offset) / sd.
  const auto mean = static_cast<float>(normalisation.mean.at(model_band)),
             sd = static_cast<float>(normalisation.sd.at(model_band));
  return {affine.factor * band.gain,
          affine.shift * band.gain + (mean * (band.gain - 1) + band.offset) / sd};
}

void finish_plane(const Augmentation& augmentation,
                  const Normalisation& normalisation,
                  int model_band,
                  int size_px,
                  float* plane) {
  if (augmentation.is_blurred) blur(size_px, plane);
  if (!augmentation.has_shadow) return;
  const auto dark = static_cast<float>(-normalisation.mean.at(model_band) /
                                       normalisation.sd.at(model_band));  // display 0
  const float slope = 1 / augmentation.shadow_softness;
  for (int y = 0; y < size_px; ++y) {
    float* row = plane + static_cast<std::ptrdiff_t>(y) * size_px;
    const float from = augmentation.shadow_y * static_cast<float>(y) - augmentation.shadow_at;
    for (int x = 0; x < size_px; ++x) {
      const float depth =
          std::clamp((augmentation.shadow_x * static_cast<float>(x) + from) * slope, 0.0f, 1.0f);
      row[x] = dark + (row[x] - dark) * (1 + depth * (augmentation.shadow_gain - 1));
    }
  }
}

}  // namespace canopy
