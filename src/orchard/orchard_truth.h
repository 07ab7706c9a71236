// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "orchard/synthetic_orchard.h"

namespace canopy {

/// What SyntheticOrchard::truth returns: renders the orchard strip by strip (all cores, memory of
/// one strip and of the crowns' own masks) and measures each visible crown. The same whatever the
/// number of cores.
Survey measure_truth(const SyntheticOrchard& orchard, const std::string& crs, const Point& origin);

/// The survey's rows from its trees and gaps: by block and row_index, along tree_index.
std::vector<Row> rows_of(const std::vector<Tree>& trees, const std::vector<Gap>& gaps);

}  // namespace canopy
