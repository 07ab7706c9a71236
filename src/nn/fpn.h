// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "nn/weights.h"

namespace canopy {

/// A feature pyramid (Lin et al. 2017) with torchvision's names: "backbone.fpn.inner_blocks.K.0"
/// brings map K to `channels`, "backbone.fpn.layer_blocks.K.0" smooths the sum with the coarser
/// level.
WeightSpecs fpn_specs(std::span<const int> inputs, int channels);

/// One map per input, same sizes, finest first.
std::vector<at::Tensor> feature_pyramid(const NamedTensors& weights,
                                        const std::vector<at::Tensor>& maps);

}  // namespace canopy
