// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "nn/model_file.h"

// What the light, the camera and the season do to a picture, played through in training. All of it
// acts on display units (reflectance-like, about 0 to 1), so that it means the same for every kind
// of imagery.

namespace canopy {

struct AugmentOptions {
  double brightness = 0.3;  ///< log of the gain common to all bands, and a third of it per band
  double contrast = 0.15;
  double band_dropout = 0.2;
  double blur = 0.15;
  double shadow = 0.15;
  template <class F>
  void describe(F& field) {
    field("brightness",
          brightness,
          "Largest change of brightness, as a natural logarithm; a third of it per band.");
    field("contrast", contrast, "Largest relative change of contrast.");
    field("band-dropout",
          band_dropout,
          "How often nir and red edge, or one of them, are taken away.");
    field("blur", blur, "How often a crop is blurred slightly.");
    field("shadow", shadow, "How often a shadow's edge runs through a crop.");
  }
  void validate() const;
};

/// What happens to one crop: drawn once, applied to each of its bands.
struct Augmentation {
  struct Band {
    bool is_dropped = false;
    float gain = 1, offset = 0;  ///< display' = display * gain + offset
  };
  std::vector<Band> bands;
  bool is_blurred = false, has_shadow = false;
  float shadow_gain = 1, shadow_x = 1, shadow_y = 0, shadow_at = 0,
        shadow_softness = 1;  ///< edge: x * X + y * Y = at
};

/// For the model's bands, of which `present` are there. At least one visible band always stays.
Augmentation draw_augmentation(const AugmentOptions& options,
                               std::span<const bool> present,
                               int size_px,
                               Random& random);

/// `affine` with the gain and the offset of the band folded in.
AffineNormalisation with_gain(const Normalisation& normalisation,
                              int model_band,
                              AffineNormalisation affine,
                              Augmentation::Band band);

/// Blur and shadow on one finished plane [size, size] of network input.
void finish_plane(const Augmentation& augmentation,
                  const Normalisation& normalisation,
                  int model_band,
                  int size_px,
                  float* plane);

}  // namespace canopy
