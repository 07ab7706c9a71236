// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "nn/anchors.h"
#include "nn/instances.h"
#include "nn/matching.h"
#include "nn/weights.h"

// The second stage of Mask R-CNN: what proposals become. It knows features at strides 4, 8, 16, 32
// and no backbone.

namespace canopy {

struct RoiSettings {
  MatchSettings match = {0.5, 0.5, false};
  std::int64_t samples = 128;  ///< per picture
  double positive_share = 0.25;
  double score_threshold = 0.05, nms_iou = 0.4, least_px = 1e-2;
  std::int64_t max_detections = 300;
};

struct RoiLosses {
  at::Tensor classifier, box, mask;
  at::Tensor by_picture;  ///< [N, 3], as in Losses
};
/// `proposals`: [P, 4] by picture. The true boxes join them. The mask loss runs over the positive
/// regions of those pictures that have masks, all in one pass.
RoiLosses roi_losses(const NamedTensors& weights,
                     const std::vector<at::Tensor>& features,
                     const std::vector<at::Tensor>& proposals,
                     const std::vector<Targets>& targets,
                     const RoiSettings& settings,
                     Extent image,
                     std::uint64_t seed);

/// Detections by picture, without gradients.
std::vector<Instances> roi_detections(const NamedTensors& weights,
                                      const std::vector<at::Tensor>& features,
                                      const std::vector<at::Tensor>& proposals,
                                      const RoiSettings& settings,
                                      Extent image);

}  // namespace canopy
