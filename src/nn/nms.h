// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <ATen/core/Tensor.h>

// Greedy non-maximum suppression, with the order, ties and rounding of torchvision's CPU kernel, so
// that the same indices are kept. Our own kernel on the CPU; on other devices a fixed point of the
// matrix of overlaps, which keeps the same.

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

/// What `nms` keeps, in ATen's operators alone: a box is kept when no kept box before it overlaps
/// it too much, asked of all boxes at once until the answer stays (as often as the longest chain of
/// boxes that suppress each other). Where `classes` are given, only boxes of one class suppress.
at::Tensor nms_by_matrix(const at::Tensor& boxes,
                         const at::Tensor& scores,
                         double iou,
                         const std::optional<at::Tensor>& classes = std::nullopt);

}  // namespace canopy
