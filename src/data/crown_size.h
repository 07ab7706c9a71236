// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "data/crop.h"
#include "store/example.h"

namespace canopy {

/// Median crown area of a tile's own labels, in its pixels: of masks, or pi/4 of boxes. Crowds are
/// left out, and crowns that the tile's edge cuts unless there are no others. 0 where the labels
/// tell no size.
double median_crown_px(const Example& example);

/// Side in pixels of the square that stands for a tree of which only the place is labelled:
/// `options.point_crown_m` wide, or the working size where the tile has no ground resolution.
double point_side_px(const Example& example, const CropOptions& options);

/// The zoom that brings a median crown to `options.crown_px` at the network's input, within
/// [1/8, 8]; 1 without labels, and for a `crown_px` of 0: tiles at their own scale.
double working_zoom(const Example& example, const CropOptions& options);

}  // namespace canopy
