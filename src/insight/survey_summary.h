// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "orchard/survey.h"

namespace canopy {

/// Sets `hectares` (area of the blocks' outlines) and `canopy_cover` (crown area of the trees in
/// blocks over it). Where no pattern was found, both are of the ground round all trees.
void add_cover(Survey& survey);

/// The figures of a survey under the names of the Aerobotics tree-survey API, in a fixed order:
/// survey_id, tree_count, missing_tree_count, dead_tree_count, average_area_m2, stddev_area_m2,
/// average_ndre, stddev_ndre, average_ndvi, canopy_cover, hectares. tree_count is of standing
/// trees, dead ones included; averages are over living trees, deviations with n - 1. null where
/// there is nothing to average.
nlohmann::ordered_json survey_summary(const Survey& survey);

}  // namespace canopy
