// SPDX-License-Identifier: Apache-2.0
#include "nn/mask_rcnn_config.h"

#include <algorithm>

#include "base/error.h"
#include "nn/backbone.h"
#include "nn/bands.h"
#include "nn/efficientnet_lite.h"
#include "nn/resnet.h"

namespace canopy {
namespace {

constexpr int kMostProposals = 1000;  // that torchvision keeps when it detects

MaskRcnnConfig defaults_of(const std::string& backbone) {
  MaskRcnnConfig d;
  const bool lite = backbone == "lite";
  d.backbone_width = lite ? kLiteStemChannels : kResnetStemChannels;
  d.fpn_channels = lite ? 96 : 256;
  d.box_head_channels = lite ? 256 : 1024;
  d.mask_head_channels = lite ? 96 : 256;
  d.mask_head_layers = lite ? 3 : 4;
  d.anchor_sizes = {16, 32, 64, 128};
  if (!lite) d.anchor_sizes = {32, 64, 128, 256, 512};
  d.anchor_ratios = {0.7, 1.0, 1.4};
  if (!lite) d.anchor_ratios = {0.5, 1.0, 2.0};
  d.proposals_before_nms = lite ? 600 : 2000;
  d.proposals_after_nms = lite ? 300 : 2000;
  d.rois_per_image = lite ? 128 : 512;
  d.max_detections = lite ? 300 : 100;
  d.detection_nms = lite ? 0.4 : 0.5;
  return d;
}

template <class T>
void fill(T& value, const T& from) {
  if (value == T{}) value = from;
}

void require_positive(const char* name, int value) {
  require(value > 0 && value <= 100'000,
          [&] { return std::string(name) + " must be positive, not " + std::to_string(value); });
}

void require_share(const char* name, double value) {
  require(value >= 0 && value <= 1,
          [&] { return std::string(name) + " must lie in 0 to 1, not " + std::to_string(value); });
}

void validate_filled(const MaskRcnnConfig& c) {
  require(c.bands == 3 || c.bands == static_cast<int>(kModelBands.size()),
          "bands must be 3 or " + std::to_string(kModelBands.size()) + ", not " +
              std::to_string(c.bands));
  require(c.classes >= 2 && c.classes <= 1000,
          "classes must lie in 2 to 1000 (background is one), not " + std::to_string(c.classes));
  require_positive("backbone-width", c.backbone_width);
  require(c.backbone != "lite" || c.backbone_width == kLiteStemChannels,
          "backbone-width is for r18 and r50; lite has its own");
  require_positive("fpn-channels", c.fpn_channels);
  require_positive("box-head-channels", c.box_head_channels);
  require_positive("mask-head-channels", c.mask_head_channels);
  require(c.mask_head_layers >= 1 && c.mask_head_layers <= 16,
          "mask-head-layers must lie in 1 to 16, not " + std::to_string(c.mask_head_layers));
  const std::size_t levels = kBackboneStrides.size();
  require(c.anchor_sizes.size() == levels || c.anchor_sizes.size() == levels + 1, [&] {
    return "anchor-sizes needs " + std::to_string(levels) + " sizes, one per pyramid level, or " +
           std::to_string(levels + 1) + ", not " + std::to_string(c.anchor_sizes.size());
  });
  for (const auto* values : {&c.anchor_sizes, &c.anchor_ratios})
    for (double value : *values)
      require(value > 0, "anchor-sizes and anchor-ratios must be positive");
  require_positive("proposals-before-nms", c.proposals_before_nms);
  require_positive("proposals-after-nms", c.proposals_after_nms);
  require_positive("detect-proposals-before-nms", c.detect_proposals_before_nms);
  require_positive("detect-proposals-after-nms", c.detect_proposals_after_nms);
  require_positive("rois-per-image", c.rois_per_image);
  require_positive("max-detections", c.max_detections);
  require_share("rpn-nms", c.rpn_nms);
  require_share("detection-nms", c.detection_nms);
  require_share("score-threshold", c.score_threshold);
}

}  // namespace

MaskRcnnConfig MaskRcnnConfig::resolved() const {
  require(is_backbone(backbone),
          "backbone '" + backbone + "' is not known; use " + backbone_names());
  const MaskRcnnConfig d = defaults_of(backbone);
  MaskRcnnConfig c = *this;
  for (int MaskRcnnConfig::*number : {&MaskRcnnConfig::backbone_width,
                                      &MaskRcnnConfig::fpn_channels,
                                      &MaskRcnnConfig::box_head_channels,
                                      &MaskRcnnConfig::mask_head_channels,
                                      &MaskRcnnConfig::mask_head_layers,
                                      &MaskRcnnConfig::proposals_before_nms,
                                      &MaskRcnnConfig::proposals_after_nms,
                                      &MaskRcnnConfig::rois_per_image,
                                      &MaskRcnnConfig::max_detections})
    fill(c.*number, d.*number);
  fill(c.detect_proposals_before_nms, std::min(c.proposals_before_nms, kMostProposals));
  fill(c.detect_proposals_after_nms, std::min(c.proposals_after_nms, kMostProposals));
  fill(c.anchor_sizes, d.anchor_sizes);
  fill(c.anchor_ratios, d.anchor_ratios);
  fill(c.detection_nms, d.detection_nms);
  validate_filled(c);
  return c;
}

}  // namespace canopy
