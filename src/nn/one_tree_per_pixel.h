// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "nn/instances.h"

// Detections overlap; a pixel belongs to one tree. For one tile:
//
//  1. best score first, an instance is accepted when at least `least_visible` of its mask is not
//  yet covered by those
//     accepted before: a tree found twice, or found again inside another, goes; what it covered
//     stays with the others;
//  2. each pixel goes to the accepted instance with the largest score * mask probability among
//  those that claim it
//     (probability >= `mask_threshold`);
//  3. of each tree the largest connected part (8 neighbours) remains; a smaller part goes to the
//  tree with which it shares
//     the longest border, and to the background where it has no neighbour.

namespace canopy {

struct AssignOptions {
  double score_threshold = 0.5;
  double mask_threshold = 0.5;
  double least_visible = 0.5;
  template <class F>
  void describe(F& field) {
    field("score-threshold", score_threshold, "Score from which a detection is a tree.");
    field("mask-threshold", mask_threshold, "Probability from which a pixel belongs to a mask.");
    field(
        "least-visible", least_visible, "Share of a mask that better trees must leave uncovered.");
  }
  void validate() const;
};

/// One tree of a tile.
struct TileTree {
  std::int64_t instance = 0;           ///< its index in the Instances
  std::int64_t pixels = 0;             ///< > 0
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;  ///< around its pixels, x1 and y1 exclusive
};

/// Every pixel's tree.
struct TileLabels {
  int height = 0, width = 0;
  std::vector<std::uint32_t> ids;  ///< row by row: 0 background, k for trees[k - 1]
  std::vector<TileTree> trees;     ///< best score first
};

TileLabels one_tree_per_pixel(const Instances& instances,
                              int height,
                              int width,
                              const AssignOptions& options);

}  // namespace canopy
