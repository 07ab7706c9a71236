// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/example.h"

namespace canopy {

/// Median crown area of a tile's own labels, in its pixels: of masks, or pi/4 of boxes. Crowds are
/// left out, and crowns that the tile's edge cuts unless there are no others. 0 where the labels
/// tell no size.
double median_crown_px(const Example& example);

/// The zoom that brings a median crown to `crown_px` at the network's input, within [1/8, 8]; 1
/// without labels.
double working_zoom(const Example& example, double crown_px);

}  // namespace canopy
