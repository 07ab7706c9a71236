// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "eval/counts.h"
#include "orchard/survey.h"

// How well a survey agrees with the truth, which only a synthetic orchard knows.
//
//   trees    a standing tree of the survey is right when it is paired with a true one
//   missing  a gap is right when a tree is truly missing within half the closest spacing; each
//            truth once, the nearest first. A gap where a standing tree was overlooked counts
//            neither way: nobody stands there in the survey either
//   rows     adjusted Rand index (Hubert and Arabie 1985) of the rows of all paired trees that were
//            planted in a row. Where the planting itself has several directions of equal spacing
//            (square, triangular), nothing in it says which of them is the row: the best counts
//   dead     of paired trees, by status; an overlooked dead tree is missed, a false tree said to be
//            dead is wrong
//   poor     likewise: health class poor, among trees that are alive in both

namespace canopy {

/// Ids of a true tree and of the survey's tree that is the same.
struct TreePair {
  std::int64_t truth = 0, found = 0;
};

struct SurveyScore {
  Counts trees, missing, dead, poor;
  int overlooked = 0;                    ///< gaps where a tree stands that the survey has not
  std::vector<double> area_errors;       ///< |found - truth| / truth of each pair with both areas
  std::vector<double> missing_errors_m;  ///< of the gaps that are right
  double row_ari = 1;
};

/// Each tree of the survey with the nearest true one, the closest pairs first, at most `reach`
/// times the closest spacing of the true blocks apart (or 2 m, without blocks).
std::vector<TreePair> pair_by_position(const Survey& truth, const Survey& found, double reach);

SurveyScore score_survey(const Survey& truth,
                         const Survey& found,
                         const std::vector<TreePair>& pairs);

/// Of two labellings of the same things. 1: the same groups; about 0: no more alike than chance.
double adjusted_rand(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b);

}  // namespace canopy
