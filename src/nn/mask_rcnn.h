// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "nn/instances.h"
#include "nn/mask_rcnn_config.h"
#include "nn/weights.h"

// Mask R-CNN (He et al. 2017) with a feature pyramid (Lin et al. 2017), in the semantics of
// torchvision 0.26, so that weights and numbers can be compared. The model is its config and a flat
// list of named tensors; the layers are functions of them. Parameters therefore load, save, average
// and travel without a module tree, and this header needs no torch/nn.h.

namespace canopy {

class MaskRcnn {
 public:
  /// Random weights (Kaiming / torchvision's initialisation), the same for the same seed.
  explicit MaskRcnn(MaskRcnnConfig config, std::uint64_t seed = 0);
  /// Given weights. Throws User, naming the tensor that is missing, unknown or of another shape.
  MaskRcnn(MaskRcnnConfig config, NamedTensors weights);

  /// Resolved.
  const MaskRcnnConfig& config() const { return config_; }
  /// Parameters (which require grad) and buffers alike; shared, not copied.
  const NamedTensors& weights() const { return weights_; }
  /// The names of `weights` that an optimiser changes.
  std::vector<std::string> trainable() const;

  /// Replaces the backbone by ImageNet weights (safetensors made by tools/bootstrap), the stem
  /// widened from RGB to the canonical bands. `lite` alone: throws User for another backbone.
  void load_imagenet(const std::filesystem::path& safetensors);

  /// The same network on another device; it shares the weights where they are there already.
  MaskRcnn on(at::Device device) const;
  /// That of the weights. Planes are brought there; targets stay on the host, where anchors and
  /// regions are assigned to them.
  at::Device device() const;

  /// Losses of a batch. Weights that no sample of the batch reaches (the mask head's, when no
  /// picture has masks) get no gradient: leave an undefined one out of the update. planes [N, C, H,
  /// W] float32 normalised, H and W multiples of 32; one Targets per picture. `sampling_seed` makes
  /// the random choice of anchors and RoIs a function of the step.
  Losses losses(const at::Tensor& planes,
                const std::vector<Targets>& targets,
                std::uint64_t sampling_seed) const;

  /// Detections of a batch, without gradients; on the host, wherever they were made.
  std::vector<Instances> detect(const at::Tensor& planes) const;

 private:
  MaskRcnnConfig config_;
  NamedTensors weights_;
};

}  // namespace canopy
