// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace canopy {

/// What one training sample is told about its trees. Coordinates are pixels of the crop.
struct SampleLabels {
  std::string kind;  ///< "mask", "box", "point", "none"
  /// float32 [N, 4]: x0, y0, x1, y1. Of points: squares around them, of a size that is a guess.
  at::Tensor boxes;
  at::Tensor classes;     ///< int64 [N]: 1 tree, 2 dead tree
  at::Tensor object_ids;  ///< int64 [N]: the value of each object in the sample's id map; empty
                          ///< without masks
  std::string tile_id;    ///< where it comes from
};

/// Equal crops, ready for the model. Planes are already canonical: the model's bands, normalised,
/// missing bands zero.
struct Batch {
  at::Tensor planes;   ///< float32 [N, C, H, W]
  at::Tensor id_maps;  ///< int32 [N, H, W]: 0 background; zeros for samples without masks
  at::Tensor ignore;   ///< bool [N, H, W]: pixels that neither help nor hurt (also nodata)
  std::vector<SampleLabels> labels;
  std::int64_t first_position = 0;  ///< of the epoch's order
  std::int64_t epoch = 0;
};

}  // namespace canopy
