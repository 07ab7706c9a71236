// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "geo/polygon.h"
#include "geo/window.h"

// The shapes of crowns gathered from a label map tile by tile. Crowns are kept as runs of pixels,
// so memory grows with the crowns' outlines, not with the picture. Crowns that touch are traced
// together, so that neighbours share their common line: no overlap, no gap.

namespace canopy {

class CrownRuns {
 public:
  /// Takes in a tile of ids (row-major, 0 background). Tiles must not overlap; their order does not
  /// matter.
  void add(const Window& window, const std::vector<std::uint32_t>& ids);

  /// The outline of each id in pixels of the whole map, y down; of an id in several parts the
  /// largest part.
  std::map<std::uint32_t, Polygon> outlines(double simplify_px) const;

 private:
  class Tracer;
  struct Run {
    std::int64_t row = 0, begin = 0, end = 0;
    std::uint32_t id = 0;
  };
  std::vector<Run> runs_;
};

}  // namespace canopy
