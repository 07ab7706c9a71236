// SPDX-License-Identifier: Apache-2.0
#include "nn/torchvision_weights.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/error.h"
#include "nn/bands.h"
#include "nn/frozen_norm.h"
#include "nn/stem.h"

namespace canopy {
namespace {

const std::string kStem = "backbone.body.conv1.weight";
constexpr double kImageNetMean[] = {0.406, 0.456, 0.485},  // blue, green, red
    kImageNetSd[] = {0.225, 0.224, 0.229};

void replace(std::string& name, const std::string& from, const std::string& to) {
  const auto at = name.find(from);
  if (at != std::string::npos) name.replace(at, from.size(), to);
}

/// An older file's name as torchvision has it now.
std::string modern(std::string name) {
  replace(name, "rpn.head.conv.weight", "rpn.head.conv.0.0.weight");
  replace(name, "rpn.head.conv.bias", "rpn.head.conv.0.0.bias");
  for (int i = 0; i < 5; ++i) {
    const std::string n = std::to_string(i);
    for (const char* blocks : {"inner_blocks.", "layer_blocks."})
      for (const char* end : {".weight", ".bias"})
        replace(name, blocks + n + end, blocks + n + ".0" + end);
    if (i > 0)
      replace(name, "mask_head.mask_fcn" + n + ".", "mask_head." + std::to_string(i - 1) + ".0.");
  }
  return name;
}

bool is_running_variance(const std::string& name) { return name.ends_with(".running_var"); }

const at::Tensor& tensor_of(const NamedTensors& state, const std::string& name) {
  const auto found = state.find(name);
  require(found != state.end(), [&] {
    return "tensor '" + name +
           "' is missing: this is no Mask R-CNN of torchvision on resnet18 or "
           "resnet50 with a feature pyramid";
  });
  return found->second;
}

int size(const NamedTensors& state, const std::string& name, std::int64_t dimension) {
  return static_cast<int>(tensor_of(state, name).size(dimension));
}

MaskRcnnConfig config_of(const NamedTensors& state, int bands) {
  MaskRcnnConfig config;
  config.backbone = state.contains("backbone.body.layer1.0.conv3.weight") ? "r50" : "r18";
  config.bands = bands;
  config.backbone_width = size(state, kStem, 0);
  config.fpn_channels = size(state, "backbone.fpn.inner_blocks.0.0.weight", 0);
  config.box_head_channels = size(state, "roi_heads.box_head.fc6.weight", 0);
  config.classes = size(state, "roi_heads.box_predictor.cls_score.weight", 0);
  config.mask_head_channels = size(state, "roi_heads.mask_predictor.conv5_mask.weight", 1);
  config.mask_head_layers = 0;
  while (state.contains("roi_heads.mask_head." + std::to_string(config.mask_head_layers) +
                        ".0.weight"))
    ++config.mask_head_layers;
  return config.resolved();
}

std::vector<std::string> names_of_classes(int count) {
  std::vector<std::string> names = {"background", "tree", "dead_tree"};
  if (count > 3) names.resize(1);
  for (int i = 1; count > 3 && i < count; ++i) names.push_back("class_" + std::to_string(i));
  names.resize(static_cast<std::size_t>(count));
  return names;
}

}  // namespace

Model model_of_torchvision(const NamedTensors& given, const TorchvisionOptions& options) {
  NamedTensors state;
  for (const auto& [name, tensor] : given)
    if (!name.ends_with("num_batches_tracked")) state[modern(name)] = tensor.to(at::kFloat).clone();
  require(tensor_of(state, kStem).dim() == 4 && size(state, kStem, 1) == 3,
          "tensor '" + kStem + "' must have 3 input channels: red, green, blue");
  const MaskRcnnConfig config = config_of(state, options.bands);
  for (auto& [name, tensor] : state)
    if (is_running_variance(name)) tensor += options.norm_epsilon - NormalisedConv{}.epsilon;
  state[kStem] = widen_stem(state[kStem], options.bands);
  ModelInfo info;
  info.config = config;
  info.bands.assign(kModelBands.begin(), kModelBands.begin() + options.bands);
  info.classes = names_of_classes(config.classes);
  for (std::size_t band = 0; band < 3; ++band) {
    info.normalisation.mean[band] = kImageNetMean[band];
    info.normalisation.sd[band] = kImageNetSd[band];
  }
  return {std::move(info), MaskRcnn(config, std::move(state))};
}

NamedTensors torchvision_state(const Model& model, const TorchvisionOptions& options) {
  const at::NoGradGuard no_grad;
  const std::string& backbone = model.network.config().backbone;
  require(backbone != "lite",
          "torchvision has no backbone like lite; models of r18 and r50 can be exported to it");
  NamedTensors state;
  for (const auto& [name, tensor] : model.network.weights()) {
    state[name] = tensor.detach().clone();
    if (is_running_variance(name)) state[name] += NormalisedConv{}.epsilon - options.norm_epsilon;
  }
  state[kStem] = narrow_stem(state[kStem]);
  return state;
}

}  // namespace canopy
