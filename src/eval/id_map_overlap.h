// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "eval/counts.h"

// Two maps of the same ground, each with one tree id per pixel: which trees of one are which of the
// other? Rows go in as they are read, so memory is bounded by the trees that touch, not by the
// mosaic.

namespace canopy {

class IdMapOverlap {
 public:
  /// One row, or any other run of pixels, of both maps; 0 is no tree. Throws User when their
  /// lengths differ.
  void add(std::span<const std::uint32_t> truth, std::span<const std::uint32_t> found);

  struct Pair {
    std::uint32_t truth = 0, found = 0;
    double iou = 0;
  };
  /// Trees with IoU >= `iou`, largest first, each at most once on either side. From 0.5 up no other
  /// choice exists.
  std::vector<Pair> matches(double iou) const;
  Counts counts(double iou) const;
  /// Over those matches: |found - truth| / truth of each pair's pixel counts.
  AreaError area_error(double iou) const;

 private:
  std::unordered_map<std::uint32_t, std::int64_t> truth_px_, found_px_;
  std::unordered_map<std::uint64_t, std::int64_t> shared_px_;
};

}  // namespace canopy
