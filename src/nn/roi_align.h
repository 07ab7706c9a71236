// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

// RoIAlign over a feature pyramid, differentiable in the features. Own kernels: channels-last and
// separable (see pooling_bins.h), so that all channels of a pixel are one vector, and parallel in
// the backward pass, which torchvision runs on one thread. Each sum is made in the order of the
// regions, so bits do not depend on the number of threads. Other devices have gathered_pooling.h.

namespace canopy {

struct RoiAlignSettings {
  int bins = 7;          ///< edge of the pooled grid
  int samples = 2;       ///< per bin and axis; 0 adapts to the region
  bool aligned = false;  ///< shift by half a pixel; Mask R-CNN in torchvision does not
};

/// `features` [N, C, H, W]; `rois` [R, 5]: picture, x0, y0, x1, y1 in pixels of the input; `scale`
/// is the level's resolution over the input's. Returns [R, C, bins, bins] in channels-last layout.
/// float32 or float64.
at::Tensor roi_align(const at::Tensor& features,
                     const at::Tensor& rois,
                     double scale,
                     const RoiAlignSettings& settings);

/// Pyramid level of each box [R, 4], int64 from 0: floor(4 + log2(sqrt(area) / canonical) + 1e-6),
/// less that of the finest level (Lin et al. 2017, eq. 1), limited to the levels that exist. Level
/// k has the stride 4 * 2^k.
at::Tensor pyramid_levels(const at::Tensor& boxes, int levels, double canonical_px = 224);

/// RoIAlign of each region on its own level; `image_rows` gives the scale of the levels. 16-bit
/// features are pooled in float32.
at::Tensor roi_align_pyramid(const std::vector<at::Tensor>& features,
                             const at::Tensor& rois,
                             std::int64_t image_rows,
                             const RoiAlignSettings& settings,
                             double canonical_px = 224);

}  // namespace canopy
