// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "nn/instances.h"
#include "nn/weights.h"

// Mask R-CNN (He et al. 2017) with a feature pyramid (Lin et al. 2017), in the semantics of
// torchvision 0.26, so that weights and numbers can be compared. The model is its config and a flat
// list of named tensors; the layers are functions of them. Parameters therefore load, save, average
// and travel without a module tree, and this header needs no torch/nn.h.

namespace canopy {

struct MaskRcnnConfig {
  std::string backbone =
      "lite";       ///< "lite": EfficientNet-Lite0; "r18", "r50" as in torchvision (a later step)
  int bands = 5;    ///< input channels: the canonical bands
  int classes = 3;  ///< background, tree, dead tree
  int fpn_channels = 96, box_head_channels = 256, mask_head_channels = 96, mask_head_layers = 3;
  std::vector<double> anchor_sizes = {16, 32, 64, 128};  ///< one per level, strides 4, 8, 16, 32
  std::vector<double> anchor_ratios = {0.7, 1.0, 1.4};
  int proposals_before_nms = 600, proposals_after_nms = 300;
  int rois_per_image = 128;  ///< sampled for the box head in training, a quarter of them positive
  int max_detections = 300;
  double rpn_nms = 0.7, detection_nms = 0.4, score_threshold = 0.05;
  template <class F>
  void describe(F& field) {
    field("backbone", backbone, "lite (EfficientNet-Lite0, made for 2 cores).");
    field("bands", bands, "Input channels: the canonical bands.");
    field("classes", classes, "Background, tree, dead tree.");
    field("fpn-channels", fpn_channels, "Width of the feature pyramid.");
    field("box-head-channels", box_head_channels, "Width of the box head.");
    field("mask-head-channels", mask_head_channels, "Width of the mask head.");
    field("mask-head-layers", mask_head_layers, "Convolutions of the mask head.");
    field("anchor-sizes",
          anchor_sizes,
          "Edge of the anchors, one size per pyramid level, in pixels.");
    field("anchor-ratios", anchor_ratios, "Height over width of the anchors.");
    field("proposals-before-nms", proposals_before_nms, "Proposals per level before suppression.");
    field("proposals-after-nms", proposals_after_nms, "Proposals per picture after suppression.");
    field("rois-per-image", rois_per_image, "Regions sampled for the box head in training.");
    field("max-detections", max_detections, "Most trees found in one tile.");
    field("rpn-nms", rpn_nms, "IoU above which a proposal is suppressed.");
    field("detection-nms", detection_nms, "IoU above which a detection is suppressed.");
    field("score-threshold", score_threshold, "Detections below this score are dropped.");
  }
  void validate() const;
};

class MaskRcnn {
 public:
  /// Random weights (Kaiming / torchvision's initialisation), the same for the same seed.
  explicit MaskRcnn(MaskRcnnConfig config, std::uint64_t seed = 0);
  /// Given weights. Throws User, naming the tensor that is missing, unknown or of another shape.
  MaskRcnn(MaskRcnnConfig config, NamedTensors weights);

  const MaskRcnnConfig& config() const { return config_; }
  /// Parameters (which require grad) and buffers alike; shared, not copied.
  const NamedTensors& weights() const { return weights_; }
  /// The names of `weights` that an optimiser changes.
  std::vector<std::string> trainable() const;

  /// Replaces the backbone by ImageNet weights (safetensors made by tools/bootstrap), the stem
  /// widened from RGB to the canonical bands.
  void load_imagenet(const std::filesystem::path& safetensors);

  /// Losses of a batch. Weights that no sample of the batch reaches (the mask head's, when no
  /// picture has masks) get no gradient: leave an undefined one out of the update. planes [N, C, H,
  /// W] float32 normalised, H and W multiples of 32; one Targets per picture. `sampling_seed` makes
  /// the random choice of anchors and RoIs a function of the step.
  Losses losses(const at::Tensor& planes,
                const std::vector<Targets>& targets,
                std::uint64_t sampling_seed) const;

  /// Detections of a batch, without gradients.
  std::vector<Instances> detect(const at::Tensor& planes) const;

 private:
  MaskRcnnConfig config_;
  NamedTensors weights_;
};

}  // namespace canopy
