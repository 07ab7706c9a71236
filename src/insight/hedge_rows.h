// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "insight/planting_pattern.h"

namespace canopy {

/// Hedges whose trees stand so close that some are seen as one: nothing along the row repeats, so
/// there is no lattice, but the rows are there. Straight, parallel rows, told from where the
/// nearest neighbours lie: adds one block "hedge" with its rows, trees numbered as they come, and
/// no gaps. Returns false, with nothing added, where the trees do not stand in such rows.
bool lay_out_hedges(const std::vector<Point>& positions, PlantingPattern& pattern);

}  // namespace canopy
