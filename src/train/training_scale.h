// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "data/crop.h"
#include "data/order.h"
#include "nn/model_file.h"
#include "store/blob_store.h"

namespace canopy {

/// At which scale a set of tiles trains a model: what the model file tells inference.
struct TrainingScale {
  std::vector<double>
      gsd_m;  ///< ground resolutions at the network's input, sorted: up to nine quantiles
  double crown_px_median = 0;  ///< crown area there
  /// Of each ground resolution whose trees were points; none where a similar one had extents.
  std::vector<PointScale> point_scales;
};

/// Read off a sample of the tiles (at most 200, spread evenly). Tiles that cannot be read are
/// passed over.
TrainingScale training_scale(const BlobStore& store,
                             std::span<const ExampleRef> refs,
                             const CropOptions& options);

}  // namespace canopy
