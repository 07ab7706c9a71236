// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "store/example.h"

// A window of a tile at another zoom, turned and mirrored: the one place where pixels are resampled
// on their way to the network, in training and in evaluation. Samples are pixel centres; planes are
// interpolated between the two nearest, or averaged over the covered area when the picture shrinks
// by more than 1.5; ids are taken from the nearest pixel, because half of two trees is no tree.

namespace canopy {

/// Where the pixels of a crop come from. `turn` 0 to 7: its lowest bit mirrors left and right, the
/// others count quarter turns, both done after the cutting.
struct Placement {
  double x0 = 0, y0 = 0;      ///< corner of the window, in pixels of the tile; may lie outside
  double zoom = 1;            ///< crop pixels per tile pixel
  int width = 0, height = 0;  ///< of the crop before turning; turning wants a square
  int turn = 0;
};

/// Where the crop pixel (u, v) of the unturned crop goes: offset + u * du + v * dv.
struct TurnedLayout {
  std::int64_t offset = 0, du = 1, dv = 0;
};
TurnedLayout layout_of(const Placement& placement);

/// The tile pixel nearest to each column (or row) of the unturned crop, -1 outside the tile.
std::vector<int> nearest_columns(const Placement& placement, int tile_width);
std::vector<int> nearest_rows(const Placement& placement, int tile_height);

/// raw * factor + shift of one band, written to `out` [height, width] in the turned layout. Outside
/// the tile the edge is continued. Invalid samples take the value of a valid neighbour, so that
/// they do not bleed into it.
void resample_plane(const Example& example,
                    int band,
                    const Placement& placement,
                    float factor,
                    float shift,
                    float* out);

}  // namespace canopy
