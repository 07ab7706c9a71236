// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/model_file.h"

// State dicts of torchvision's Mask R-CNN (`MaskRCNN` on `resnet_fpn_backbone`, resnet18 or
// resnet50; `maskrcnn_resnet50_fpn` is the best known) as models of Canopy, and back. Layers and
// names are the same; four things differ:
//
//  - The stem: red, green, blue there, the canonical bands (nn/bands.h) here. Wider ones begin with
//    a share of the mean of the three (nn/stem.h) and see nothing in RGB pictures.
//  - Normalisation: ImageNet's mean and standard deviation there. A model keeps it as its own.
//  - The epsilon of the frozen batch norms, here always 1e-5: torchvision builds networks with
//    1e-5, but its published COCO weights with 0. The running variance takes up the difference.
//  - Names of older files ("rpn.head.conv.weight", "fpn.inner_blocks.0.weight",
//    "mask_head.mask_fcn1.weight"), which torchvision renames as it loads them. So do we.

namespace canopy {

struct TorchvisionOptions {
  int bands = 5;
  double norm_epsilon = 0;
  template <class F>
  void describe(F& field) {
    field("bands", bands, "Input channels: 5, the canonical bands, or 3, blue, green and red.");
    field("norm-epsilon",
          norm_epsilon,
          "Epsilon of the state dict's batch norms: 0 for the published COCO weights, 1e-5 for "
          "networks that were built without them.");
  }
};

/// The model of a state dict. Backbone, widths and classes follow from names and shapes; the
/// classes are "class_1", ... where there are more than background, tree and dead tree. Throws
/// User, naming the tensor that is missing, unknown or of another shape.
Model model_of_torchvision(const NamedTensors& state, const TorchvisionOptions& options);

/// The state dict of a model, for pictures of red, green and blue: `options.bands` is not looked
/// at, what the model knows of other bands stays behind. Throws User for a backbone that
/// torchvision does not have.
NamedTensors torchvision_state(const Model& model, const TorchvisionOptions& options);

}  // namespace canopy
