// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "nn/roi_align.h"

namespace canopy {

/// RoIAlign in ATen's operators alone, for devices that our kernels are not for: the pyramid is one
/// table of pixels, and each bin the weighted sum of the 4 * samples^2 rows that its bilinear
/// samples touch (`embedding_bag`, whose gradient is ATen's too). `features` [N, C, H, W] by level;
/// `rois` [R, 5] and `levels` int64 [R] on the same device; `scales` by level. Returns
/// [R, C, bins, bins]. The settings must name a number of samples.
at::Tensor gathered_pooling(const std::vector<at::Tensor>& features,
                            const at::Tensor& rois,
                            const at::Tensor& levels,
                            const std::vector<double>& scales,
                            const RoiAlignSettings& settings);

}  // namespace canopy
