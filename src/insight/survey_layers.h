// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "geo/vector_file.h"
#include "orchard/survey.h"

namespace canopy {

/// Crowns are polygons; where no tree has one, trees are points.
GeometryKind kind_of_trees(const Survey& survey);
/// The layers trees, missing, rows and orchard of a survey, as survey_files.h describes them.
std::vector<VectorLayer> layers_of(const Survey& survey);
/// The other way: fills trees, missing, rows and blocks. Throws User naming the column that is
/// missing.
void read_layers(const std::vector<VectorLayer>& layers, Survey& survey);
/// trees.csv, RFC 4180 with a header line; missing trees follow, with the status "missing".
std::string csv_of(const Survey& survey);

}  // namespace canopy
