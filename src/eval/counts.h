// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "eval/matching.h"

namespace canopy {

/// Right, wrong and overlooked trees. Ratios with nothing below the line are 0.
struct Counts {
  std::int64_t right = 0, wrong = 0, missed = 0;

  Counts& operator+=(const Counts& other);
  double precision() const;
  double recall() const;
  double f1() const;
  std::int64_t found() const { return right + wrong; }
  std::int64_t truth() const { return right + missed; }
  /// (found - truth) / truth: what a grower's tree count is off by. 0 without truth and findings.
  double count_error() const;
};

/// Of one scene, for the found trees of at least this score.
Counts count(const Scene& scene, const MatchOptions& options, double score_threshold);

/// Areas of a found tree and of the one that it matches.
struct AreaPair {
  double found_px = 0, truth_px = 0;
  double relative_error() const;  ///< |found - truth| / truth
};
/// Of one scene: of masks, or of boxes (`options.overlap`).
std::vector<AreaPair> area_pairs(const Scene& scene,
                                 const MatchOptions& options,
                                 double score_threshold);

/// How well areas agree, over the matched pairs of all scenes.
struct AreaError {
  std::int64_t pairs = 0;
  double median_relative = 0;  ///< median of |found - truth| / truth
  double bias_relative = 0;    ///< (sum found - sum truth) / sum truth
};
/// All zero without pairs.
AreaError area_error(std::span<const Scene> scenes,
                     const MatchOptions& options,
                     double score_threshold);

/// The score from which on a finding is taken for a tree.
struct ScoreChoice {
  double threshold = 0.5;
  double f1 = 0;
};
/// The threshold of the best F1 over all scenes, between two scores. Where a range of thresholds is
/// as good (within .005), the one nearest its middle: a threshold at the edge of what the val split
/// happens to show does not travel. The default (0.5, 0) when nothing matches at any score.
ScoreChoice best_score_threshold(std::span<const Scene> scenes, const MatchOptions& options);

}  // namespace canopy
