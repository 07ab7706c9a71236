// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "data/augment.h"
#include "data/batch.h"
#include "data/resample.h"
#include "nn/model_file.h"
#include "store/example.h"

// From a decoded tile to what the network trains on: a square at a random place, turn and zoom
// around the scale at which a median crown of this tile has `crown-px` pixels, so that sets of
// different ground resolution train together. A pure function of (tile, options, seed, epoch,
// position).

namespace canopy {

struct CropOptions {
  int size_px = 256;
  double crown_px = 1600, point_crown_m = 7;
  double zoom_low = 0.7, zoom_high = 1.4;
  double tree_centred = 0.5;
  double keep_visible = 0.3;
  bool augment = true;
  AugmentOptions augmentation = {};
  template <class F>
  void describe(F& field) {
    field("crop-px", size_px, "Edge of a training crop at the network's input; a multiple of 32.");
    field("crown-px",
          crown_px,
          "Area to which a tile's median crown is brought at the network's input, in pixels.");
    field("point-crown-m",
          point_crown_m,
          "Width of the crowns in tiles that label trees by points, in metres: their scale.");
    field("zoom-low",
          zoom_low,
          "Smallest factor of the random zoom around that scale, in edge length.");
    field("zoom-high", zoom_high, "Largest factor of it.");
    field("tree-centred",
          tree_centred,
          "Share of crops that are laid around a random tree rather than anywhere.");
    field("keep-visible",
          keep_visible,
          "A crown cut by the crop stays when at least this share of it is visible; less is "
          "ignored.");
    field("augmented", augment, "Turn, mirror and change light and bands at random.");
    field.nested("augment", augmentation);
  }
  void validate() const;
};

/// Where a sample's tensors lie: slots of a batch, or memory of their own.
struct SampleMemory {
  float* planes = nullptr;         ///< [bands, size, size]
  std::int32_t* id_map = nullptr;  ///< [size, size]
  bool* ignore = nullptr;          ///< [size, size]
};

/// Where to cut, drawn at random.
Placement draw_placement(const Example& example, const CropOptions& options, Random& random);

/// Fills `memory` and returns the labels of the crop of `placement`; `random` decides the
/// augmentation.
SampleLabels cut_sample(const Example& example,
                        const Placement& placement,
                        const CropOptions& options,
                        const Normalisation& normalisation,
                        Random& random,
                        const SampleMemory& memory);

/// Both of the above for the sample at (epoch, position).
SampleLabels make_sample(const Example& example,
                         const CropOptions& options,
                         const Normalisation& normalisation,
                         std::uint64_t seed,
                         std::int64_t epoch,
                         std::int64_t position,
                         const SampleMemory& memory);

/// A whole tile at `zoom` as network input [1, bands, H, W], padded with zeros to multiples of 32;
/// invalid pixels are 0.
at::Tensor whole_tile(const Example& example, const Normalisation& normalisation, double zoom);

}  // namespace canopy
