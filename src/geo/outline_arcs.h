// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "geo/polygon.h"

// The lines between crowns, simplified so that neighbours stay neighbours: no gap, no overlap, no
// crossing.
//
//  1. A corner of the pixel lattice where three ids meet, or two touch diagonally, is a junction
//  and stays. Between
//     junctions run arcs, each shared by the two ids beside it and kept once.
//  2. An arc runs through the middles of its pixel edges: a staircase is then a straight line,
//  neither side gains by it,
//     and no pixel centre changes sides. (A free-standing outline loses half a pixel of area, at
//     its four extremes.)
//  3. A stretch of an arc becomes one segment when it is nowhere farther from it than the tolerance
//  and no point of any
//     other arc lies between the two, else it is parted at its farthest point (Douglas and Peucker
//     1973, with the test of de Berg, van Kreveld and Schirra 1998). A line that crossed the new
//     segment would have to end between it and the stretch, so no two lines come to cross.

namespace canopy {

struct LabelGrid {
  const std::vector<std::uint32_t>& ids;
  int width = 0, height = 0;
  /// 0 outside.
  std::uint32_t at(int x, int y) const {
    if (x < 0 || y < 0 || x >= width || y >= height) return 0;
    return ids[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
               static_cast<std::size_t>(x)];
  }
};

/// A corner of the pixel lattice, or, where it says so, a place on the lattice of half pixels.
struct LatticePoint {
  int x = 0, y = 0;
  auto operator<=>(const LatticePoint&) const = default;
};
/// Closed, without repeated end, each point one pixel edge from the next.
using LatticeRing = std::vector<LatticePoint>;

/// The ring's corners alone.
Ring corners_of(const LatticeRing& ring);

class OutlineArcs {
 public:
  /// `tolerance_px`: how far the simplified line may be from the middles of the pixel edges.
  OutlineArcs(const LabelGrid& grid, double tolerance_px)
      : grid_(grid), tolerance_(2 * tolerance_px) {}

  void add(const LatticeRing& ring);
  /// Once, after all rings are added.
  void simplify();
  /// The simplified form of a ring that was added.
  Ring ring(const LatticeRing& ring) const;

 private:
  /// Points on the lattice of half pixels; a closed arc has no junction and no repeated end.
  struct Arc {
    std::vector<LatticePoint> points;
    bool is_closed = false, is_reversed = false;
  };

  /// Junctions that one segment joins.
  using Segments = std::set<std::pair<LatticePoint, LatticePoint>>;

  void simplify(Arc& arc, Segments& straight);
  bool is_junction(const LatticePoint& corner) const;
  std::vector<Arc> arcs_of(const LatticeRing& ring) const;
  std::int64_t index(const LatticePoint& half) const {
    return static_cast<std::int64_t>(half.y) * (2 * grid_.width + 1) + half.x;
  }
  std::int64_t key(const Arc& arc) const;
  /// Whether no other point lies on the segment from one point to another, or between it and the
  /// stretch.
  bool is_free(const std::vector<LatticePoint>& points, std::size_t from, std::size_t to) const;
  /// The points between two of them.
  void mark(const std::vector<LatticePoint>& points, std::size_t from, std::size_t to, bool taken);

  LabelGrid grid_;
  double tolerance_;
  std::map<std::int64_t, Arc> arcs_;
  std::vector<bool> is_taken_;  ///< half-pixel lattice: a point of an arc is there
};

}  // namespace canopy
