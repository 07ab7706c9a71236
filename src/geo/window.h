// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "geo/polygon.h"

namespace canopy {

/// A rectangle of pixels: columns [x, x + width), rows [y, y + height).
struct Window {
  std::int64_t x = 0, y = 0, width = 0, height = 0;
  bool empty() const { return width <= 0 || height <= 0; }
  std::int64_t x_end() const { return x + width; }
  std::int64_t y_end() const { return y + height; }
  std::int64_t area() const { return empty() ? 0 : width * height; }
  bool operator==(const Window&) const = default;
};

inline Window intersection(const Window& a, const Window& b) {
  const auto x = std::max(a.x, b.x), y = std::max(a.y, b.y);
  return {x,
          y,
          std::max<std::int64_t>(0, std::min(a.x_end(), b.x_end()) - x),
          std::max<std::int64_t>(0, std::min(a.y_end(), b.y_end()) - y)};
}

/// `a` grown by `margin` pixels on every side.
inline Window grown(const Window& a, std::int64_t margin) {
  return {a.x - margin, a.y - margin, a.width + 2 * margin, a.height + 2 * margin};
}

/// GDAL's six numbers: x = t[0] + column * t[1] + row * t[2], y = t[3] + column * t[4] + row *
/// t[5]; (0, 0) is the outer corner of the top left pixel.
struct Transform {
  std::array<double, 6> t = {0, 1, 0, 0, 0, -1};
  Point world_from_pixel(double column, double row) const {
    return {t[0] + column * t[1] + row * t[2], t[3] + column * t[4] + row * t[5]};
  }
  /// Throws User when the transform is degenerate.
  Point pixel_from_world(const Point& world) const;
  /// A whole polygon; its rings are turned, so that the outer one is counter-clockwise there too (y
  /// may change its sense).
  Polygon world_from_pixel(const Polygon& polygon_px) const;
  Polygon pixel_from_world(const Polygon& polygon) const;
  /// The transform of a window's own pixel grid.
  Transform of_window(const Window& window) const;
  /// The transform of the same ground with pixels `factor` times as large.
  Transform scaled(double factor) const;
  bool operator==(const Transform&) const = default;
};

/// A regular cover of width x height pixels by tiles of `size`, neighbours sharing `overlap`. The
/// last tile of a row or column is moved inward so that it is whole; a picture smaller than a tile
/// gives one tile that reaches beyond it.
std::vector<Window> tile_windows(std::int64_t width, std::int64_t height, int size, int overlap);

}  // namespace canopy
