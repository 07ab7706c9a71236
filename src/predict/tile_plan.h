// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "geo/window.h"

// The working grid is cut into cores that touch and do not overlap; the model sees each core with a
// halo round it, so that a crown whose centre lies in the core is whole in the picture. A halo of
// at least one crown radius makes that true.

namespace canopy {

struct Tile {
  Window core;    ///< the pixels that this tile decides about
  Window window;  ///< what the model sees: size x size, may reach beyond the mosaic
};

struct TilePlan {
  std::int64_t width = 0, height = 0;
  int size = 0, halo = 0;
  std::vector<Tile> tiles;  ///< row by row from the north-west
  std::int64_t columns = 0;

  /// Pixels that the model runs over those of the mosaic.
  double overlap_tax() const;
};

/// Cores of nearly equal size, pictures of at most `largest` pixels, a multiple of 32. Throws User
/// when the halo leaves no core.
TilePlan plan_tiles(std::int64_t width, std::int64_t height, int largest, int halo);

}  // namespace canopy
