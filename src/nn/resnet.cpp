// SPDX-License-Identifier: Apache-2.0
#include "nn/resnet.h"

#include <ATen/ATen.h>

#include "base/error.h"
#include "nn/frozen_norm.h"

namespace canopy {
namespace {

const std::string kPrefix = "backbone.body.";
constexpr double kGain = 2;         // Kaiming, before a ReLU
constexpr double kLastGain = 0.25;  // the last convolution of a block: without statistics of its
                                    // own, a deep sum of blocks would else grow out of range

/// The shape of one depth: blocks by stage, and the block's kind.
struct Depth {
  std::array<int, 4> blocks;
  bool bottleneck;
};

Depth depth_of(const std::string& name) {
  if (name == "r18") return {{2, 2, 2, 2}, false};
  check(name == "r50", "a ResNet is r18 or r50");
  return {{3, 4, 6, 3}, true};
}

struct Block {
  std::string name;
  int inputs, width, outputs, stride;
  bool bottleneck;
  bool tapped;  // the stage's last: a feature map
  bool projects() const { return stride != 1 || inputs != outputs; }
};

std::vector<Block> all_blocks(const std::string& name, int stem_channels) {
  const Depth depth = depth_of(name);
  std::vector<Block> blocks;
  int inputs = stem_channels;
  for (int stage = 0; stage < 4; ++stage)
    for (int i = 0; i < depth.blocks[stage]; ++i) {
      const int width = stem_channels << stage, outputs = depth.bottleneck ? 4 * width : width;
      blocks.push_back(
          {kPrefix + "layer" + std::to_string(stage + 1) + "." + std::to_string(i) + ".",
           inputs,
           width,
           outputs,
           i == 0 && stage > 0 ? 2 : 1,
           depth.bottleneck,
           i == depth.blocks[stage] - 1});
      inputs = outputs;
    }
  return blocks;
}

/// Convolution and norm number `number` of a block.
at::Tensor layer(const NamedTensors& weights,
                 const Block& block,
                 int number,
                 const at::Tensor& x,
                 int stride = 1) {
  const std::string n = std::to_string(number);
  return normalised(weights, block.name + "conv" + n, block.name + "bn" + n, x, {.stride = stride});
}

at::Tensor apply_block(const NamedTensors& weights, const Block& block, const at::Tensor& x) {
  at::Tensor y;
  if (block.bottleneck) {
    y = layer(weights, block, 1, x).relu_();
    y = layer(weights, block, 2, y, block.stride).relu_();
    y = layer(weights, block, 3, y);
  } else {
    y = layer(weights, block, 1, x, block.stride).relu_();
    y = layer(weights, block, 2, y);
  }
  const at::Tensor shortcut = block.projects() ? normalised(weights,
                                                            block.name + "downsample.0",
                                                            block.name + "downsample.1",
                                                            x,
                                                            {.stride = block.stride})
                                               : x;
  return y.add_(shortcut).relu_();
}

}  // namespace

std::array<int, 4> resnet_channels(const std::string& name, int stem_channels) {
  std::array<int, 4> channels = {};
  for (int stage = 0; stage < 4; ++stage)
    channels[stage] = (depth_of(name).bottleneck ? 4 : 1) * (stem_channels << stage);
  return channels;
}

WeightSpecs resnet_specs(const std::string& name, int bands, int stem_channels) {
  WeightSpecs specs =
      normalised_specs(kPrefix + "conv1", kPrefix + "bn1", bands, stem_channels, 7, kGain);
  for (const Block& b : all_blocks(name, stem_channels)) {
    const auto add = [&](int number, int inputs, int outputs, int kernel, double gain) {
      const std::string n = std::to_string(number);
      append(
          specs,
          normalised_specs(b.name + "conv" + n, b.name + "bn" + n, inputs, outputs, kernel, gain));
    };
    if (b.bottleneck) {
      add(1, b.inputs, b.width, 1, kGain);
      add(2, b.width, b.width, 3, kGain);
      add(3, b.width, b.outputs, 1, kLastGain);
    } else {
      add(1, b.inputs, b.width, 3, kGain);
      add(2, b.width, b.outputs, 3, kLastGain);
    }
    if (b.projects())
      append(specs,
             normalised_specs(
                 b.name + "downsample.0", b.name + "downsample.1", b.inputs, b.outputs, 1, 1));
  }
  return specs;
}

std::vector<at::Tensor> resnet(const std::string& name,
                               const NamedTensors& weights,
                               const at::Tensor& planes) {
  at::Tensor x =
      normalised(weights, kPrefix + "conv1", kPrefix + "bn1", planes, {.stride = 2}).relu_();
  x = at::max_pool2d(x, 3, 2, 1);
  std::vector<at::Tensor> features;
  for (const Block& block : all_blocks(name, static_cast<int>(x.size(1)))) {
    x = apply_block(weights, block, x);
    if (block.tapped) features.push_back(x);
  }
  return features;
}

}  // namespace canopy
