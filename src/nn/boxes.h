// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include <ATen/core/Tensor.h>

#include "nn/anchors.h"

// Arithmetic of boxes: float32 [N, 4], x0, y0, x1, y1 in pixels, x1 and y1 exclusive.

namespace canopy {

/// Scale of the four numbers of a coded box.
using BoxWeights = std::array<double, 4>;
inline constexpr BoxWeights kProposalWeights = {1, 1, 1, 1};
inline constexpr BoxWeights kDetectionWeights = {10, 10, 5, 5};

/// Intersection over union, [A, B].
at::Tensor box_iou(const at::Tensor& a, const at::Tensor& b);

/// What has to be added to `boxes` to get `targets` (R-CNN, Girshick et al. 2014, appendix C).
at::Tensor encode_boxes(const at::Tensor& targets,
                        const at::Tensor& boxes,
                        const BoxWeights& weights);
/// The inverse; growth is limited to 1000/16. `deltas` [N, 4 * K] give [N, K, 4].
at::Tensor decode_boxes(const at::Tensor& deltas,
                        const at::Tensor& boxes,
                        const BoxWeights& weights);

/// Boxes [..., 4] cut at the picture's edge.
at::Tensor clip_boxes(const at::Tensor& boxes, Extent image);

/// Indices of the boxes at least `least` wide and high.
at::Tensor large_boxes(const at::Tensor& boxes, double least);

}  // namespace canopy
