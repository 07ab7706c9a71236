// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

// Greedy non-maximum suppression, with the order, ties and rounding of torchvision's CPU kernel, so
// that the same indices are kept.

namespace canopy {

/// Indices (int64) of the boxes that no better box overlaps by more than `iou`, best first; equal
/// scores keep their order. An IoU of exactly the threshold is kept; boxes without area are never
/// suppressed.
at::Tensor nms(const at::Tensor& boxes, const at::Tensor& scores, double iou);

/// Suppresses only among boxes of one class (int64). As in torchvision, up to 1000 boxes are
/// shifted apart by class and treated together, more are treated class by class.
at::Tensor batched_nms(const at::Tensor& boxes,
                       const at::Tensor& scores,
                       const at::Tensor& classes,
                       double iou);

}  // namespace canopy
