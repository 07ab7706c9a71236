// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/random.h"
#include "nn/instances.h"

// Which anchor or region stands for which true box, and which of them the losses look at. Semantics
// of torchvision's Matcher and BalancedPositiveNegativeSampler; the matrix of overlaps is never
// stored, so thousands of trees cost no memory.

namespace canopy {

inline constexpr std::int64_t kBackground = -1;  ///< overlaps no true box enough
inline constexpr std::int64_t kUndecided =
    -2;  ///< between the thresholds, or ignored: neither positive nor negative

struct MatchSettings {
  double foreground_iou = 0.7, background_iou = 0.3;
  bool best_for_each = true;  ///< the best boxes of each true box match it whatever their overlap
};

/// For each of `boxes` [N, 4] the index into `truth` [M, 4], kBackground or kUndecided.
std::vector<std::int64_t> match_boxes(const at::Tensor& truth,
                                      const at::Tensor& boxes,
                                      const MatchSettings& settings);

/// The same where only the places of the trees are known: `truth` has their centres, and a side
/// that is a guess. A box stands for the tree whose place is nearest to its middle, by at most
/// `foreground` of its own sides, when its size is within a factor of two of the guess; it is
/// undecided up to `background` and a factor of three. A box of the right size moved diagonally by
/// as much overlaps its tree by IoU .57 and .27, so the defaults suit anchors and regions alike.
struct PointMatchSettings {
  double foreground = 0.15, background = 0.35;
};
std::vector<std::int64_t> match_points(const at::Tensor& truth,
                                       const at::Tensor& boxes,
                                       const PointMatchSettings& settings = {});

/// Either, as the picture's labels are, with its ignored regions left out.
std::vector<std::int64_t> match_targets(const Targets& target,
                                        const at::Tensor& boxes,
                                        const MatchSettings& settings);

/// Sets to kUndecided the matches of boxes more than half of which (of their part inside the
/// picture) is ignored. `ignore`: bool [H, W], or undefined.
void leave_out_ignored(const at::Tensor& ignore,
                       const at::Tensor& boxes,
                       std::vector<std::int64_t>& matches);

/// Indices of those chosen at random, in ascending order.
struct Sample {
  std::vector<std::int64_t> positive, negative;
};
/// Up to count * positive_share positives, and negatives to fill up to `count`.
Sample sample_matches(const std::vector<std::int64_t>& matches,
                      std::int64_t count,
                      double positive_share,
                      Random random);

}  // namespace canopy
