// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "geo/label_parts.h"
#include "geo/outline_arcs.h"
#include "geo/rasterize.h"

// 1. Find the largest 4-connected part of each id (label_parts.h).
// 2. Walk each boundary of it along pixel edges, the part on the left, turning left where there is
// a choice, so that the
//    walk never steps across a corner into another part.
// 3. Where the walk comes back to a corner that it has passed, cut the loop off: rings touch in
// points, none touches
//    itself, and holes that meet the outside in a corner become holes. A ring of positive area is
//    the outer one.
// 4. Simplify, if asked, the arcs that neighbours share, once for both (outline_arcs.h).

namespace canopy {
namespace {

/// East, south (y grows), west, north.
constexpr int kDx[] = {1, 0, -1, 0}, kDy[] = {0, 1, 0, -1};

class BoundaryWalker {
 public:
  explicit BoundaryWalker(const LabelGrid& grid)
      : grid_(grid),
        is_walked_(static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height),
                   0) {}

  /// Whether a boundary that nobody walked yet runs east along the top edge of this pixel.
  bool starts_at(int x, int y) const {
    return is_walked_[index(x, y)] == 0 && grid_.at(x, y - 1) != grid_.at(x, y);
  }

  /// The rings of the boundary that starts there, as corners of the lattice one step apart.
  std::vector<LatticeRing> walk(int start_x, int start_y) {
    const std::uint32_t id = grid_.at(start_x, start_y);
    std::vector<LatticeRing> rings;
    LatticeRing path;
    std::unordered_map<std::int64_t, std::size_t>
        passed;  // corners that may come again -> place in the path
    int x = start_x, y = start_y, heading = 0;
    do {
      if (is_pinched(x, y, id)) {
        const auto [it, is_new] = passed.emplace(corner(x, y), path.size());
        if (!is_new) {
          const auto from = path.begin() + static_cast<std::int64_t>(it->second);
          for (auto p = from + 1; p != path.end(); ++p) passed.erase(corner(p->x, p->y));
          rings.emplace_back(from, path.end());
          path.erase(from, path.end());
        }
      }
      path.push_back({x, y});
      if (heading == 0) is_walked_[index(x, y)] = 1;
      x += kDx[heading];
      y += kDy[heading];
      heading = next_heading(x, y, heading, id);
    } while (x != start_x || y != start_y || heading != 0);
    rings.push_back(std::move(path));
    return rings;
  }

 private:
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(grid_.width) +
           static_cast<std::size_t>(x);
  }
  std::int64_t corner(int x, int y) const {
    return static_cast<std::int64_t>(y) * (grid_.width + 1) + x;
  }

  /// Whether the id holds two opposite pixels around a corner and not the other two.
  bool is_pinched(int x, int y, std::uint32_t id) const {
    const bool nw = grid_.at(x - 1, y - 1) == id, ne = grid_.at(x, y - 1) == id;
    const bool sw = grid_.at(x - 1, y) == id, se = grid_.at(x, y) == id;
    return nw == se && ne == sw && nw != ne;
  }

  int next_heading(int x, int y, int heading, std::uint32_t id) const {
    // The pixels ahead, left and right of the walk; "left" is where y grows when heading east.
    const int left = (heading + 1) % 4;
    const auto ahead = [&](int side) {
      const int px = x + (kDx[heading] + kDx[side] - 1) / 2,
                py = y + (kDy[heading] + kDy[side] - 1) / 2;
      return grid_.at(px, py) == id;
    };
    if (!ahead(left)) return left;
    return ahead((heading + 3) % 4) ? (heading + 3) % 4 : heading;
  }

  const LabelGrid& grid_;
  std::vector<std::uint8_t> is_walked_;
};

Polygon polygon_of(std::vector<Ring> rings) {
  Polygon polygon;
  std::stable_partition(
      rings.begin(), rings.end(), [](const Ring& ring) { return signed_area(ring) > 0; });
  for (Ring& ring : rings)
    if (ring.size() >= 3) polygon.rings.push_back(std::move(ring));
  return polygon;
}

}  // namespace

std::vector<IdOutline> outlines(const std::vector<std::uint32_t>& id_map,
                                int width,
                                int height,
                                double simplify_px) {
  check(id_map.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
        "a label map has width x height ids");
  const LabelGrid grid = {id_map, width, height};
  BoundaryWalker walker(grid);
  std::map<std::uint32_t, std::vector<LatticeRing>> boundaries;
  for (const LabelRun& run : label_runs(id_map, width, height)) {
    if (!run.is_largest) continue;
    for (int x = run.begin; x < run.end; ++x)
      if (walker.starts_at(x, run.row))
        for (LatticeRing& ring : walker.walk(x, run.row))
          boundaries[run.id].push_back(std::move(ring));
  }
  OutlineArcs arcs(grid, simplify_px);
  if (simplify_px > 0) {
    for (const auto& [id, rings] : boundaries)
      for (const LatticeRing& ring : rings) arcs.add(ring);
    arcs.simplify();
  }
  std::vector<IdOutline> result;
  for (const auto& [id, rings] : boundaries) {
    std::vector<Ring> shapes;
    for (const LatticeRing& ring : rings)
      shapes.push_back(simplify_px > 0 ? arcs.ring(ring) : corners_of(ring));
    result.push_back({id, polygon_of(std::move(shapes))});
  }
  return result;
}

}  // namespace canopy
