// SPDX-License-Identifier: Apache-2.0
#include "nn/efficientnet_lite.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/error.h"
#include "nn/frozen_norm.h"
#include "nn/safetensors.h"
#include "nn/stem.h"

namespace canopy {
namespace {

const std::string kPrefix = "backbone.body.";
constexpr double kBatchNormEpsilon = 1e-3;

/// A run of inverted residual blocks; the first has the stride.
struct Stage {
  int expand, kernel, stride, outputs, blocks;
  bool tapped;  // its last block's output is a feature map
};
constexpr std::array<Stage, 7> kStages = {{{1, 3, 1, 16, 1, false},
                                           {6, 3, 2, 24, 2, true},
                                           {6, 5, 2, 40, 2, true},
                                           {6, 3, 2, 80, 3, false},
                                           {6, 5, 1, 112, 3, true},
                                           {6, 5, 2, 192, 4, false},
                                           {6, 3, 1, 320, 1, true}}};

struct Block {
  std::string name;
  int inputs, expand, kernel, stride, outputs;
  bool tapped;
  int middle() const { return inputs * expand; }
};

std::vector<Block> all_blocks() {
  std::vector<Block> blocks;
  int inputs = kLiteStemChannels;
  for (const Stage& stage : kStages)
    for (int i = 0; i < stage.blocks; ++i) {
      blocks.push_back({kPrefix + "_blocks." + std::to_string(blocks.size()) + ".",
                        inputs,
                        stage.expand,
                        stage.kernel,
                        i == 0 ? stage.stride : 1,
                        stage.outputs,
                        stage.tapped && i == stage.blocks - 1});
      inputs = stage.outputs;
    }
  return blocks;
}

at::Tensor layer(const NamedTensors& weights,
                 const std::string& conv,
                 const std::string& norm,
                 const at::Tensor& x,
                 int stride = 1,
                 bool depthwise = false) {
  return normalised(weights, conv, norm, x, {stride, depthwise, kBatchNormEpsilon});
}

at::Tensor relu6_(at::Tensor x) { return at::hardtanh_(x, 0, 6); }

at::Tensor apply_block(const NamedTensors& weights, const Block& block, const at::Tensor& x) {
  at::Tensor y = x;
  if (block.expand > 1)
    y = relu6_(layer(weights, block.name + "_expand_conv", block.name + "_bn0", y));
  y = relu6_(
      layer(weights, block.name + "_depthwise_conv", block.name + "_bn1", y, block.stride, true));
  y = layer(weights, block.name + "_project_conv", block.name + "_bn2", y);
  return block.stride == 1 && block.inputs == block.outputs ? y.add_(x) : y;
}

}  // namespace

WeightSpecs efficientnet_lite_specs(int bands) {
  WeightSpecs specs =
      normalised_specs(kPrefix + "_conv_stem", kPrefix + "_bn0", bands, kLiteStemChannels, 3, 2);
  for (const Block& b : all_blocks()) {
    if (b.expand > 1)
      append(
          specs,
          normalised_specs(b.name + "_expand_conv", b.name + "_bn0", b.inputs, b.middle(), 1, 2));
    append(
        specs,
        normalised_specs(b.name + "_depthwise_conv", b.name + "_bn1", 1, b.middle(), b.kernel, 2));
    append(
        specs,
        normalised_specs(b.name + "_project_conv", b.name + "_bn2", b.middle(), b.outputs, 1, 1));
  }
  return specs;
}

std::vector<at::Tensor> efficientnet_lite(const NamedTensors& weights, const at::Tensor& planes) {
  std::vector<at::Tensor> features;
  at::Tensor x = relu6_(layer(weights, kPrefix + "_conv_stem", kPrefix + "_bn0", planes, 2));
  for (const Block& block : all_blocks()) {
    x = apply_block(weights, block, x);
    if (block.tapped) features.push_back(x);
  }
  return features;
}

void load_efficientnet_lite(const std::filesystem::path& safetensors, NamedTensors& weights) {
  const Safetensors file = load_safetensors(safetensors);
  at::NoGradGuard no_grad;
  for (auto& [name, target] : weights) {
    if (!name.starts_with(kPrefix)) continue;
    const std::string source_name = name.substr(kPrefix.size());
    const auto found = file.tensors.find(source_name);
    require(found != file.tensors.end(), [&] {
      return safetensors.string() + ": tensor '" + source_name +
             "' is missing; this is not EfficientNet-Lite0";
    });
    at::Tensor source = found->second;
    const bool stem =
        source_name == "_conv_stem.weight" && source.dim() == 4 && source.size(1) == 3;
    if (stem && target.size(1) >= 3) source = widen_stem(source, target.size(1));
    require(source.sizes() == target.sizes(), [&] {
      return safetensors.string() + ": tensor '" + source_name +
             "' has another shape than in EfficientNet-Lite0";
    });
    target.copy_(source);
  }
}

}  // namespace canopy
