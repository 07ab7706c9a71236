// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>

#include "insight/point_index.h"

// The planting pattern round one tree, told from its neighbourhood alone: the two shortest steps u
// and v that lead from most trees of the neighbourhood to another tree. A step's share is the
// fraction of trees p for which a tree stands at p + step, among those for which p + step is still
// inside the neighbourhood; missing, lost and false trees lower the shares of all steps alike, so
// the comparison between steps holds in a block with a third of its trees missing.

namespace canopy {

struct LatticeSeed {
  int centre = 0;
  Point u;                 ///< the shortest step, along the closest spacing
  std::optional<Point> v;  ///< the shortest step off that line; nothing where only rows are regular
  double share_u = 0, share_v = 0;
  double occupancy =
      0;  ///< trees per cell of u and v: above 1 the cell is a multiple of the true one
  /// For choosing between seeds. Where each place holds two trees, half of them would be left out.
  double score() const { return v ? share_u * share_v / std::max(1.0, occupancy * occupancy) : 0; }
};

/// Nothing where no step stands out. `window` is the number of neighbours that are looked at.
std::optional<LatticeSeed> find_lattice_seed(const PointIndex& points, int centre, int window = 60);

/// The shortest basis of the lattice that u and v span (Gauss), u the shorter; `steps` (when given)
/// receives the same combinations of the integers it holds.
struct IntegerBasis {
  int ui = 1, uj = 0, vi = 0, vj = 1;
};
void reduce_basis(Point& u, Point& v, IntegerBasis* steps = nullptr);

}  // namespace canopy
