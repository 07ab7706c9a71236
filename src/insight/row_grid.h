// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "insight/lattice.h"

// The rows of one block: which numbered places hold a tree, row by row. A row is a line of constant
// j, a place in it i. Rows need not start at the same i, and may be shifted against each other:
// `shift(i, j)` is how far (in steps along the row) place (i, j + 1) lies ahead of (i, j), so
// quincunx and sheared contours are handled like any other.

namespace canopy {

struct RowGrid {
  std::map<int, std::map<int, int>> rows;  ///< j -> i -> index of the point
  std::function<std::optional<Lattice::Prediction>(int i, int j)> predict;
  std::function<double(int i, int j)> shift;
  bool is_aligned = true;  ///< rows lie on one lattice; else `shift` is only roughly known

  bool holds(int i, int j) const;
  std::size_t tree_count() const;
  /// Fraction of the places inside rows that hold no tree, long runs (tracks, holes) left out; at
  /// least 0.02.
  double vacancy() const;
  /// The places of row `j + dj` that lie beside (i, j): one where they line up, else the two on
  /// both sides. dj = +-1, +-2.
  std::vector<int> beside(int i, int j, int dj) const;
};

/// The rows of a grid lattice. Rows run along the closest spacing. Where two spacings are equal
/// within 4 % (square and triangular plantings), along the direction that gives the fewer, longer
/// rows; if those are equal too, along the one closer to north-south. The lattice must outlive the
/// result.
RowGrid rows_of(const Lattice& lattice);

/// Takes away what only looks like a part of the block: an end of a row that hangs on behind more
/// empty places than chance leaves (its trees are strays or false detections that fell on the
/// pattern), and outer rows of few trees.
void trim(RowGrid& grid);

}  // namespace canopy
