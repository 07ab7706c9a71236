// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace canopy {

/// The architecture of a Mask R-CNN. Zeros and empty lists mean "as the backbone has it": lite is
/// narrow, made for two cores and for crowns; r18 and r50 are torchvision's, so that weights and
/// numbers can be compared. `resolved` fills them in.
struct MaskRcnnConfig {
  std::string backbone = "lite";
  int bands = 5;           ///< input channels: the canonical bands
  int classes = 3;         ///< background, tree, dead tree
  int backbone_width = 0;  ///< channels of a ResNet's stem
  int fpn_channels = 0, box_head_channels = 0, mask_head_channels = 0, mask_head_layers = 0;
  /// One per level, at strides 4, 8, 16, 32; a fifth stands for a level of stride 64.
  std::vector<double> anchor_sizes;
  std::vector<double> anchor_ratios;
  int proposals_before_nms = 0, proposals_after_nms = 0;
  int detect_proposals_before_nms = 0, detect_proposals_after_nms = 0;
  int rois_per_image = 0;  ///< sampled for the box head in training, a quarter of them positive
  int max_detections = 0;
  double rpn_nms = 0.7, detection_nms = 0, score_threshold = 0.05;
  template <class F>
  void describe(F& field) {
    field("backbone", backbone, "lite (EfficientNet-Lite0, made for 2 cores), r18 or r50.");
    field("bands", bands, "Input channels: the canonical bands.");
    field("classes", classes, "Background, tree, dead tree.");
    field("backbone-width",
          backbone_width,
          "Channels of a ResNet's stem, and so of the rest; 0, here and below: as the backbone has "
          "it. lite has its own.");
    field("fpn-channels", fpn_channels, "Width of the feature pyramid.");
    field("box-head-channels", box_head_channels, "Width of the box head.");
    field("mask-head-channels", mask_head_channels, "Width of the mask head.");
    field("mask-head-layers", mask_head_layers, "Convolutions of the mask head.");
    field("anchor-sizes",
          anchor_sizes,
          "Edge of the anchors in pixels, one size per pyramid level; empty: as the backbone has "
          "it.");
    field("anchor-ratios",
          anchor_ratios,
          "Height over width of the anchors; empty: as the backbone has it.");
    field("proposals-before-nms", proposals_before_nms, "Proposals per level before suppression.");
    field("proposals-after-nms", proposals_after_nms, "Proposals per picture after suppression.");
    field("detect-proposals-before-nms",
          detect_proposals_before_nms,
          "The same when trees are looked for, not learned.");
    field("detect-proposals-after-nms", detect_proposals_after_nms, "And after suppression.");
    field("rois-per-image", rois_per_image, "Regions sampled for the box head in training.");
    field("max-detections", max_detections, "Most trees found in one tile.");
    field("rpn-nms", rpn_nms, "IoU above which a proposal is suppressed.");
    field("detection-nms", detection_nms, "IoU above which a detection is suppressed.");
    field("score-threshold", score_threshold, "Detections below this score are dropped.");
  }

  /// The same with nothing left open. Throws User, naming the field, its value and what it may be.
  MaskRcnnConfig resolved() const;
  /// Throws as `resolved` does.
  void validate() const { resolved(); }
};

}  // namespace canopy
