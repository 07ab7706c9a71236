// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "insight/survey_match.h"

// Two surveys of one orchard, tree by tree: what grew, what died, what went and what was planted.
// The later one is laid on the earlier by its trees (survey_match.h). Numbers of rows and trees are
// those of the later survey; of a tree that went, those of the earlier.

namespace canopy {

enum class Change {
  Stayed,     ///< alive in both, or dead in both
  Died,       ///< alive, now dead
  Recovered,  ///< said to be dead, now alive
  Gone,       ///< stood, stands no more (felled, or overlooked)
  Replanted,  ///< stands where the earlier survey had a gap
  New,        ///< stands where nothing was
};
const char* name_of(Change change);

struct TreeChange {
  Change change = Change::Stayed;
  std::int64_t earlier_id = 0, later_id = 0;  ///< 0: not there
  Tree tree;                                  ///< as it is later; where it has gone, as it was
  double earlier_area_m2 = 0, growth = 0;     ///< growth: share of the earlier area; NaN: unknown
  double health_change = 0, ndvi_change = 0, ndre_change = 0;  ///< later less earlier; NaN: unknown
};

struct SurveyComparison {
  SurveyMatch match;
  std::vector<TreeChange> trees;  ///< by block, row and tree number
  int count(Change change) const;
  /// Of the median tree that stayed; NaN where areas are not known.
  double median_growth() const;
};

/// Throws User for surveys of different CRS, or that are not of one orchard.
SurveyComparison compare_surveys(const Survey& earlier, const Survey& later);

/// comparison.csv, comparison.geojson (points, WGS 84) and comparison.json, which is returned.
nlohmann::ordered_json write_survey_comparison(const SurveyComparison& comparison,
                                               const Survey& earlier,
                                               const Survey& later,
                                               const std::filesystem::path& folder);

}  // namespace canopy
