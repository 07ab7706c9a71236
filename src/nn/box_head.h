// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "nn/weights.h"

// The box head of Fast R-CNN (Girshick 2015) with torchvision's names: two fully connected layers
// over the pooled features of a region, then class scores and one box correction a class.

namespace canopy {

inline constexpr int kBoxBins = 7;

WeightSpecs box_head_specs(int channels, int width, int classes);

struct BoxPrediction {
  at::Tensor logits;  ///< [R, classes]
  at::Tensor deltas;  ///< [R, 4 * classes]
};
/// `pooled` [R, C, 7, 7].
BoxPrediction box_head(const NamedTensors& weights, const at::Tensor& pooled);

/// Of each region, [R]; the losses are their means.
struct BoxLosses {
  at::Tensor classifier, box;
};
/// Cross entropy; smooth L1, summed over a box's sides, 0 for a region without a target. `labels`
/// int64 [R], 0 for background; `targets` [R, 4]; `has_target` bool [R], of positive regions: all
/// of them, save those whose tree's extent nobody knows.
BoxLosses box_losses(const BoxPrediction& prediction,
                     const at::Tensor& labels,
                     const at::Tensor& targets,
                     const at::Tensor& has_target);

}  // namespace canopy
