// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace canopy {

/// What the model found in one picture, best score first. Coordinates are pixels of the input.
struct Instances {
  at::Tensor boxes;    ///< float32 [N, 4]: x0, y0, x1, y1
  at::Tensor scores;   ///< float32 [N], 0 to 1
  at::Tensor classes;  ///< int64 [N]: 1 tree, 2 dead tree
  at::Tensor masks;    ///< float32 [N, M, M]: probability inside the box, M = 28
};

/// What the losses of one picture are computed from.
struct Targets {
  bool has_masks = false;  ///< box-only pictures train everything but the mask loss
  at::Tensor boxes;        ///< float32 [N, 4]
  at::Tensor classes;      ///< int64 [N]
  at::Tensor object_ids;   ///< int64 [N]: the value of each box in `id_map`; unused without masks
  at::Tensor id_map;       ///< int32 [H, W]; no dense masks exist anywhere
  at::Tensor ignore;       ///< bool [H, W], or undefined
  /// False where trees are known by their places alone: only the centres of `boxes` are then true,
  /// their sides a guess, and the picture trains the objectness and the classes (match_points).
  bool has_extents = true;
};

/// The five losses of Mask R-CNN (He et al. 2017), each a scalar that backward() can start from.
struct Losses {
  at::Tensor objectness, rpn_box, classifier, box, mask;
  /// float32 [N, 5], in that order and without gradients: each picture's own, over what was sampled
  /// of it. 0 where a picture has nothing that a loss looks at.
  at::Tensor by_picture;
  at::Tensor total() const;
};

}  // namespace canopy
