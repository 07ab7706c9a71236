// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "geo/vector_file.h"

namespace canopy {

/// QGIS styles (QML) by layer of trees.gpkg: crowns by health class, dead ones grey, missing trees
/// as rings, rows as thin lines, blocks outlined. The colours are those of the map.
std::map<std::string, std::string> survey_styles(GeometryKind trees = GeometryKind::Polygon);

}  // namespace canopy
