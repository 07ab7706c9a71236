// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

// From the mask inside a box back to pixels, as torchvision's paste_masks_in_image: the mask is
// padded by one cell, the box grown to match and cut to whole pixels, and the mask resampled
// bilinearly (corners not aligned).

namespace canopy {

/// The part of a mask that lies inside the picture.
struct PastedMask {
  int x0 = 0, y0 = 0, width = 0, height = 0;  ///< pixels of the picture
  std::vector<float> probability;             ///< row by row
};

/// `mask`: `size` x `size` probabilities; `box`: x0, y0, x1, y1.
PastedMask paste_mask(const float* mask, int size, const float* box, int height, int width);

/// float32 [N, height, width] of masks [N, M, M] and boxes [N, 4]. Its memory grows with N
/// pictures: for few masks.
at::Tensor paste_masks(const at::Tensor& masks, const at::Tensor& boxes, int height, int width);

}  // namespace canopy
