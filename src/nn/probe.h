// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "nn/instances.h"

namespace canopy {

/// What a network found when it looked at a few places at one ground resolution.
struct ProbeResult {
  std::vector<double> crown_px;  ///< areas of the crowns, in pixels of the network's input
  double score_sum = 0;          ///< of their scores
  double covered = 0;            ///< area of all crowns over that of the places
};

/// Looks at the same places at a ground resolution.
using Probe = std::function<ProbeResult(double gsd_m)>;

/// Gathers a ProbeResult place by place. Pixels belong to one tree (one_tree_per_pixel.h); crowns
/// that a place's edge cuts cover it, but do not tell a size.
class ProbeTally {
 public:
  explicit ProbeTally(double score_threshold) : score_threshold_(score_threshold) {}
  /// What was found in a place of this size, of which `valid_fraction` holds data.
  void add(const Instances& found, int height, int width, double valid_fraction);
  ProbeResult result() const;

 private:
  double score_threshold_;
  ProbeResult sum_;
  double area_px_ = 0, covered_px_ = 0;
};

}  // namespace canopy
