// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "eval/scene.h"

namespace canopy {

/// A place in a picture, in pixels; (0, 0) is the outer corner of its top left pixel.
struct PixelPlace {
  double x = 0, y = 0;
};

/// Where a found tree stands: the mean of its mask's pixels, or the middle of its box, as `kind`
/// says. A tree without a pixel of mask stands in the middle of its box.
PixelPlace centre_of(const FoundTree& tree, Overlap kind);

/// Whether the pixel at a place is inside the mask; places beyond the picture are not.
bool holds(const Rle& mask, const PixelPlace& place);

}  // namespace canopy
