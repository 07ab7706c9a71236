// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "nn/weights.h"

// The backbones by name: what the rest of the network knows of them are four feature maps.

namespace canopy {

/// Strides of the maps of every backbone.
inline constexpr std::array<int, 4> kBackboneStrides = {4, 8, 16, 32};

/// "lite" (EfficientNet-Lite0), "r18", "r50".
bool is_backbone(const std::string& name);
/// All names, for messages: "lite, r18 or r50".
std::string backbone_names();

/// `width`: channels of a ResNet's stem.
std::array<int, 4> backbone_channels(const std::string& name, int width);
WeightSpecs backbone_specs(const std::string& name, int bands, int width);
/// `planes` [N, bands, H, W], H and W multiples of 32 -> one map per stride.
std::vector<at::Tensor> backbone_features(const std::string& name,
                                          const NamedTensors& weights,
                                          const at::Tensor& planes);

}  // namespace canopy
