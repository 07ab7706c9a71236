// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "geo/window.h"
#include "ingest/label_set.h"

// Which tiles an ingest cuts from a picture: at each ground resolution asked for, a cover of the
// whole picture by tiles of `tile-size` pixels.
//
// A tile shows a window of whole pixels of the picture, resampled to its own. So a resolution is
// met to the nearest pixel per tile: 512 px at 8 cm, of a picture of 4.1 cm, are a window of 999 px
// and have 7.9998 cm. What is within a per cent of the picture's own resolution is that one, and
// its samples are the picture's own.

namespace canopy {

/// The pixels of one tile and what they show of the picture. Both axes have one scale.
struct TileGrid {
  Window window;  ///< of the picture
  int width = 0, height = 0;

  /// The tile that shows the picture's own pixels.
  static TileGrid of(const Window& window) {
    return {window, static_cast<int>(window.width), static_cast<int>(window.height)};
  }
  /// Edge of a tile's pixel, in those of the picture.
  double scale() const { return static_cast<double>(window.width) / width; }
  Point tile_from_picture(const Point& p) const {
    return {(p.x - static_cast<double>(window.x)) / scale(),
            (p.y - static_cast<double>(window.y)) / scale()};
  }
  Bounds tile_from_picture(const Bounds& b) const {
    const Point low = tile_from_picture(Point{b.xmin, b.ymin}),
                high = tile_from_picture(Point{b.xmax, b.ymax});
    return {low.x, low.y, high.x, high.y};
  }
  Polygon tile_from_picture(const Polygon& polygon) const;
  std::int64_t area() const { return std::int64_t{width} * height; }
  bool operator==(const TileGrid&) const = default;
};

/// The ground resolution of a picture without a place, out of those that its tiles shall have: the
/// finest. 0 where none is given.
double finest_gsd_m(const std::vector<double>& gsds_m);

/// The tiles of a picture of width x height pixels of `gsd_m`, resolution by resolution in the
/// order of `gsds_m` (none: the picture's own), row by row. Throws User for a resolution that is
/// finer than the picture's by more than a per cent, coarser by more than 100 times, or there
/// twice.
std::vector<TileGrid> tile_grids(std::int64_t width,
                                 std::int64_t height,
                                 double gsd_m,
                                 const std::vector<double>& gsds_m,
                                 int tile_size,
                                 int overlap);

}  // namespace canopy
