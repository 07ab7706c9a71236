// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "predict/tile_plan.h"

// From tiles to one label map in which every pixel belongs to one tree and no tree is cut, lost or
// doubled at a seam.
//
//  1. Every tile brings an id map of its whole window, halo included. Its trees get provisional ids
//  of the whole mosaic.
//  2. Where the window overlaps earlier tiles, both have seen the same ground. A tree of this tile
//  and a tree of theirs
//     that cover the same pixels there (IoU over the shared ground, each with its best partner) are
//     one: joined by union-find. Trees of one tile are never joined.
//  3. In its own core a tile decides; where it sees nothing, an earlier tile's halo may have
//  claimed the pixel. Outside
//     its core it fills pixels that nobody has claimed yet, so that a crown that only one tile
//     found is not cut.
//  4. At the end provisional ids become 1..N in the order of their tiles, crumbs below `min_pixels`
//  become background,
//     and the map is rewritten once, block by block.
//
// Tiles are added in the plan's order, whatever order they were computed in, so the result does not
// depend on threads. Memory: one tile and one row per tree.

namespace canopy {

/// A raster of tree ids of any size, by window, row-major. 0 is background.
class LabelPlane {
 public:
  virtual ~LabelPlane() = default;
  virtual void read(const Window& window, std::uint32_t* ids) const = 0;
  virtual void write(const Window& window, const std::uint32_t* ids) = 0;
};

struct TreeEvidence {
  float score = 0;
  std::int64_t label = 1;  ///< 1 tree, 2 dead tree
};

struct StitchedTree {
  std::uint32_t id = 0;
  float score = 0;
  std::int64_t label = 1;
  std::int64_t pixels = 0;
};

class Stitcher {
 public:
  Stitcher(LabelPlane& plane, const TilePlan& plan, double join_iou = 0.4);

  /// `local` holds size * size values of the tile's window: 0, or k for the k-th entry of `trees`
  /// (from 1).
  void add(std::size_t tile_index,
           std::span<const std::uint32_t> local,
           std::span<const TreeEvidence> trees);

  /// Steps 4. After it the plane holds final ids.
  std::vector<StitchedTree> finish(std::int64_t min_pixels);

 private:
  std::uint32_t root(std::uint32_t id) const;
  bool seen_before(std::size_t tile_index, std::int64_t x, std::int64_t y) const;

  struct Overlaps;
  void join(const Overlaps& overlaps, std::uint32_t base);

  LabelPlane& plane_;
  const TilePlan& plan_;
  double join_iou_;
  std::vector<std::uint32_t> parent_;  ///< of provisional ids; [0] is background
  std::vector<TreeEvidence> evidence_;
};

}  // namespace canopy
