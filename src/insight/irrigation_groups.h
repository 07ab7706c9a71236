// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "insight/irrigation_faults.h"

namespace canopy {

/// Numbers the groups (1 is that of the worst stretch), in the order of the faults, and says in the
/// reason of each of several rows what to look at first. Two stretches belong together when they
/// are of rows side by side and at least half of the shorter one's trees stand beside the other.
void group_faults(const Survey& survey, std::vector<IrrigationFault>& faults);

int group_count(const std::vector<IrrigationFault>& faults);

}  // namespace canopy
