// SPDX-License-Identifier: Apache-2.0
#include "ingest/tile_grid.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "base/error.h"

namespace canopy {
namespace {

constexpr double kSame = 0.01;  // resolutions that differ by less are one
constexpr double kMost = 100;   // pixels of the picture in a row of one pixel

std::string centimetres(double metres) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g cm", 100 * metres);
  return text;
}

/// The edge of the window that a tile shows, in pixels of the picture.
std::int64_t window_edge(double gsd_m, double picture_gsd_m, int tile_size) {
  if (std::abs(gsd_m / picture_gsd_m - 1) <= kSame) return tile_size;
  require(gsd_m > picture_gsd_m, [&] {
    return "gsd: " + centimetres(gsd_m) + " is finer than the picture's " +
           centimetres(picture_gsd_m) + ", which shows no more; leave it out";
  });
  require(gsd_m <= kMost * picture_gsd_m, [&] {
    return "gsd: " + centimetres(gsd_m) + " is more than 100 times the picture's " +
           centimetres(picture_gsd_m) + "; resample the picture first";
  });
  return std::llround(tile_size * gsd_m / picture_gsd_m);
}

}  // namespace

Polygon TileGrid::tile_from_picture(const Polygon& polygon) const {
  Polygon moved = polygon;
  for (Ring& ring : moved.rings)
    for (Point& p : ring) p = tile_from_picture(p);
  return moved;
}

double finest_gsd_m(const std::vector<double>& gsds_m) {
  return gsds_m.empty() ? 0 : *std::min_element(gsds_m.begin(), gsds_m.end());
}

std::vector<TileGrid> tile_grids(std::int64_t width,
                                 std::int64_t height,
                                 double gsd_m,
                                 const std::vector<double>& gsds_m,
                                 int tile_size,
                                 int overlap) {
  std::vector<TileGrid> grids;
  std::set<std::int64_t> edges;
  for (const double wanted : gsds_m.empty() ? std::vector<double>{gsd_m} : gsds_m) {
    const std::int64_t edge = window_edge(wanted, gsd_m, tile_size);
    require(edges.insert(edge).second, [&] {
      return "gsd: tiles of " + centimetres(wanted) + " are asked for twice; leave one out";
    });
    const auto shared = static_cast<double>(overlap) * static_cast<double>(edge) / tile_size;
    for (const Window& window :
         tile_windows(width, height, static_cast<int>(edge), static_cast<int>(std::lround(shared))))
      grids.push_back({window, tile_size, tile_size});
  }
  return grids;
}

}  // namespace canopy
