// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchard/survey.h"

// The blocks as the grower draws and names them. Each is looked at by itself: its trees make its
// pattern, so two blocks that touch never mix; missing trees outside are dropped; trees outside all
// of them are in no block. Outlines are drawn round headlands, so nothing is filled up to them.

namespace canopy {

struct NamedGround {
  std::string name;
  std::vector<Polygon> parts;
};
using Boundary = std::vector<NamedGround>;

/// Polygons of a vector file, in `crs` (empty: as they are). Named by the first column there is of
/// name, block, label, id, else by their number; parts of one name are one ground. Throws User for
/// a file without polygons, or one without a CRS where `crs` is not empty.
Boundary read_boundary(const std::filesystem::path& path, const std::string& crs);

bool contains(const NamedGround& ground, const Point& place);

/// add_planting_pattern, ground by ground. Throws User when no tree stands in any of them.
void add_planting_pattern(Survey& survey, const Boundary& boundary);

}  // namespace canopy
