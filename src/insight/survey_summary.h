// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "orchard/survey.h"

namespace canopy {

/// Fills hectares and canopy_cover from the blocks' outlines; without any from the convex hull of
/// the trees.
void add_extent(Survey& survey);

/// The figures of a survey under the names of the tree-survey API: survey_id, tree_count,
/// missing_tree_count, dead_tree_count, average_area_m2, stddev_area_m2, average_ndre, stddev_ndre,
/// average_ndvi, canopy_cover, hectares, and what makes them traceable: model_id, captured_on,
/// gsd_m, crs, blocks. Means are over standing trees; null when unknown.
nlohmann::ordered_json summary_of(const Survey& survey);

}  // namespace canopy
