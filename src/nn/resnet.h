// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "nn/weights.h"

// ResNet (He et al. 2016) as a feature extractor, with torchvision's architecture and names: "r18"
// of basic blocks, "r50" of bottlenecks with the stride in their 3 x 3 convolution. Batch norm
// keeps the statistics that it came with, and is folded into the convolution before it
// (frozen_norm.h).

namespace canopy {

/// Channels of torchvision's stem; everything else is a multiple of it.
inline constexpr int kResnetStemChannels = 64;

/// Channels of the four feature maps, at strides 4, 8, 16, 32. `name` is "r18" or "r50".
std::array<int, 4> resnet_channels(const std::string& name, int stem_channels);

/// All names begin with "backbone.body.".
WeightSpecs resnet_specs(const std::string& name, int bands, int stem_channels);

/// `planes` [N, bands, H, W], H and W multiples of 32 -> the four maps.
std::vector<at::Tensor> resnet(const std::string& name,
                               const NamedTensors& weights,
                               const at::Tensor& planes);

}  // namespace canopy
