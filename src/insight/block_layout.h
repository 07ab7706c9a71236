// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "insight/missing_trees.h"
#include "insight/planting_pattern.h"
#include "insight/row_grid.h"

namespace canopy {

/// Adds one block to `pattern`: its description, its rows in order from the south-east
/// (planting_pattern.h has the rule), and the place of each of its trees and missing trees.
void lay_out_block(const RowGrid& grid,
                   const std::vector<MissingPlace>& missing,
                   const std::vector<Point>& positions,
                   PlantingPattern& pattern);

}  // namespace canopy
