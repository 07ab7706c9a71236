// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "insight/point_index.h"
#include "insight/row_grid.h"

namespace canopy {

/// Where blocks meet, the pattern of one may reach over the lane and find a tree of the other by
/// chance. A tree at the end of a row, behind an empty place, moves to the block in which it stands
/// on a free place beside its neighbours. `grids` hold indices of `points`.
void exchange_trees(const std::vector<RowGrid*>& grids, const PointIndex& points);

}  // namespace canopy
