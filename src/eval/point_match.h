// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "eval/counts.h"

// Trees that were labelled as points have no extent to overlap with: a finding is right when its
// centre lies within a distance of a point, each point and each finding at most once. Of all such
// pairings one with the most pairs counts (augmenting paths: Kuhn 1955), as those who publish
// point figures have it; which pairs these are does not matter to the figures.

namespace canopy {

/// Of one scene of points, for the found trees of at least this score. Found trees without a point
/// that lie in the ignore region count neither way. Throws User for a distance that is not
/// positive.
Counts count_points(const Scene& scene, double distance_px, double score_threshold);

}  // namespace canopy
