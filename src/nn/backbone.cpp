// SPDX-License-Identifier: Apache-2.0
#include "nn/backbone.h"

#include "nn/efficientnet_lite.h"
#include "nn/resnet.h"

namespace canopy {

bool is_backbone(const std::string& name) {
  return name == "lite" || name == "r18" || name == "r50";
}

std::string backbone_names() { return "lite, r18 or r50"; }

std::array<int, 4> backbone_channels(const std::string& name, int width) {
  return name == "lite" ? kLiteChannels : resnet_channels(name, width);
}

WeightSpecs backbone_specs(const std::string& name, int bands, int width) {
  return name == "lite" ? efficientnet_lite_specs(bands) : resnet_specs(name, bands, width);
}

std::vector<at::Tensor> backbone_features(const std::string& name,
                                          const NamedTensors& weights,
                                          const at::Tensor& planes) {
  return name == "lite" ? efficientnet_lite(weights, planes) : resnet(name, weights, planes);
}

}  // namespace canopy
