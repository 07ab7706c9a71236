// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "eval/rle.h"

// Which pixels an outline holds, as the COCO API has it (pycocotools' frPyObjects): its figures
// come out the same only where every edge falls on the same side of every pixel. In four steps:
//
//  1. corners are rounded to a grid five times as fine as the pixels;
//  2. the closed outline is walked over that grid, one step of the longer axis at a time;
//  3. wherever the walk passes a column's middle, the row in which it does so is noted, no higher
//  than the picture's upper edge and no lower than its lower one; columns outside are left out;
//  4. the notes in order, column by column, are where runs begin and end.
//
// So the result is right at the middles of columns, half a fine step off at most, and overlapping
// loops of one outline cancel out.

namespace canopy {

/// Of one outline x0, y0, x1, y1, ... in pixels, closed by itself. Throws User unless it has at
/// least three corners, each within a million pixels of the origin.
Rle rle_of_outline(std::span<const double> corners, int height, int width);

}  // namespace canopy
