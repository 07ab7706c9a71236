// SPDX-License-Identifier: Apache-2.0
#include "nn/fpn.h"

#include <cmath>

#include <ATen/ATen.h>

namespace canopy {
namespace {

std::string inner(std::size_t level) {
  return "backbone.fpn.inner_blocks." + std::to_string(level) + ".0";
}
std::string layer(std::size_t level) {
  return "backbone.fpn.layer_blocks." + std::to_string(level) + ".0";
}

}  // namespace

WeightSpecs fpn_specs(std::span<const int> inputs, int channels) {
  WeightSpecs specs;
  const auto bound = [](int fan_in) { return std::sqrt(3.0 / fan_in); };  // Kaiming uniform, a = 1
  for (std::size_t level = 0; level < inputs.size(); ++level) {
    append(specs,
           convolution_specs(inner(level),
                             inputs[level],
                             channels,
                             1,
                             WeightSpec::Start::Uniform,
                             bound(inputs[level])));
    append(
        specs,
        convolution_specs(
            layer(level), channels, channels, 3, WeightSpec::Start::Uniform, bound(9 * channels)));
  }
  return specs;
}

std::vector<at::Tensor> feature_pyramid(const NamedTensors& weights,
                                        const std::vector<at::Tensor>& maps) {
  std::vector<at::Tensor> pyramid(maps.size());
  at::Tensor merged;
  for (std::size_t level = maps.size(); level-- > 0;) {
    at::Tensor lateral = convolve(weights, inner(level), maps[level]);
    if (merged.defined()) lateral.add_(at::upsample_nearest2d(merged, lateral.sizes().slice(2)));
    merged = lateral;
    pyramid[level] = convolve(weights, layer(level), merged);
  }
  return pyramid;
}

}  // namespace canopy
