// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "orchard/survey.h"

// Which trees of two surveys of one orchard are the same. Two flights seldom lie on each other to
// the tree: the second is laid on the first by the trees themselves.
//
//  1. Every pair of trees up to `search_m` apart votes for its offset; the offsets with most votes
//     are candidates. In a planting a shift by one spacing has nearly as many as the true one, so
//  2. each candidate is judged by how many trees it pairs, one to one, weighted by how alike their
//     crowns are (a big tree stays big) and by how small the shift is;
//  3. the best is refined by a turn, a scale and a shift that fit the pairs (Umeyama 1991), thrice.

namespace canopy {

/// From the later survey's places to the earlier's: scale * rotation * place + shift, about the
/// middle of the later survey.
struct SurveyShift {
  Point about, shift;
  double turn_rad = 0, scale = 1;
  Point operator()(const Point& place) const;
};

struct TreeMatch {
  int earlier = 0, later = 0;  ///< indices of the surveys' trees
  double distance_m = 0;       ///< after the shift
};

struct SurveyMatch {
  SurveyShift shift;
  std::vector<TreeMatch> trees;  ///< by the earlier index
  double residual_m = 0;         ///< median distance of the pairs
};

/// Positions of both in one CRS. Throws User when fewer than a tenth of the smaller survey's trees
/// find a partner: they are not of one orchard, or lie farther apart.
SurveyMatch match_surveys(const std::vector<Tree>& earlier,
                          const std::vector<Tree>& later,
                          double search_m = 12);

}  // namespace canopy
