// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "nn/weights.h"

// The mask head of Mask R-CNN (He et al. 2017) with torchvision's names: convolutions over 14 x 14
// pooled features, an upsampling to 28 x 28, one mask a class. The transposed convolution has
// kernel and stride 2, so it is one matrix product whose result need not be put in place before the
// last layer has made it small.

namespace canopy {

inline constexpr int kMaskBins = 14, kMaskSize = 2 * kMaskBins;

WeightSpecs mask_head_specs(int inputs, int channels, int layers, int classes);

/// `pooled` [R, C, 14, 14] -> logits of each region's class `labels` (int64 [R]), [R, 28, 28].
at::Tensor mask_head(const NamedTensors& weights,
                     const at::Tensor& pooled,
                     const at::Tensor& labels);

/// The mean binary cross entropy of each region, [R]; the loss is their mean.
at::Tensor mask_losses(const at::Tensor& logits, const at::Tensor& targets);

}  // namespace canopy
