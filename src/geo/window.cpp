// SPDX-License-Identifier: Apache-2.0
#include "geo/window.h"

#include <cmath>
#include <string>

#include "base/error.h"

namespace canopy {

Point Transform::pixel_from_world(const Point& world) const {
  const double determinant = t[1] * t[5] - t[2] * t[4];
  require(std::isfinite(determinant) && determinant != 0,
          "the geotransform is degenerate: a pixel has no area");
  const double x = world.x - t[0], y = world.y - t[3];
  return {(x * t[5] - y * t[2]) / determinant, (y * t[1] - x * t[4]) / determinant};
}

Polygon Transform::world_from_pixel(const Polygon& polygon_px) const {
  Polygon polygon = polygon_px;
  for (Ring& ring : polygon.rings)
    for (Point& point : ring) point = world_from_pixel(point.x, point.y);
  turn_rings(polygon);
  return polygon;
}

Polygon Transform::pixel_from_world(const Polygon& polygon) const {
  Polygon polygon_px = polygon;
  for (Ring& ring : polygon_px.rings)
    for (Point& point : ring) point = pixel_from_world(point);
  turn_rings(polygon_px);
  return polygon_px;
}

Transform Transform::of_window(const Window& window) const {
  const Point origin =
      world_from_pixel(static_cast<double>(window.x), static_cast<double>(window.y));
  return {{origin.x, t[1], t[2], origin.y, t[4], t[5]}};
}

Transform Transform::scaled(double factor) const {
  return {{t[0], t[1] * factor, t[2] * factor, t[3], t[4] * factor, t[5] * factor}};
}

namespace {

std::vector<std::int64_t> tile_starts(std::int64_t extent, int size, int overlap) {
  std::vector<std::int64_t> starts = {0};
  while (starts.back() + size < extent)
    starts.push_back(std::min(starts.back() + size - overlap, extent - size));
  return starts;
}

}  // namespace

std::vector<Window> tile_windows(std::int64_t width, std::int64_t height, int size, int overlap) {
  require(size > 0 && overlap >= 0 && overlap < size, [&] {
    return "tiles of " + std::to_string(size) + " px cannot overlap by " + std::to_string(overlap) +
           " px; the overlap must be smaller than the tile";
  });
  std::vector<Window> tiles;
  if (width <= 0 || height <= 0) return tiles;
  for (const std::int64_t y : tile_starts(height, size, overlap))
    for (const std::int64_t x : tile_starts(width, size, overlap))
      tiles.push_back({x, y, size, size});
  return tiles;
}

}  // namespace canopy
