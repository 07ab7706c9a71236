// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "insight/rate_zones.h"

// A rate map as the task that a terminal in the cab reads: ISO 11783-10, version 4, one task with
// one grid of type 2.
//
//   TASKDATA.XML  the field's outline (PFD), the product (PDT), a task (TSK, planned) with the grid
//                 (GRD) and two treatment zones (TZN): 0, nothing, for out of the field; 1 for the
//                 grid, whose value is the process data variable (PDV) with DDI 0006, mass per area
//   GRD00001.BIN  one little-endian int32 a cell, mg/m2 (1 kg/ha is 100 mg/m2), rows from the
//   south,
//                 each from west to east; 0 outside the field

namespace canopy {

/// What a task's grid says.
struct TaskGrid {
  Point corner;  ///< longitude and latitude of the south-west
  double cell_lng_deg = 0, cell_lat_deg = 0;
  int columns = 0, rows = 0;
  std::vector<std::int32_t> rates_mg_m2;
};

/// Writes both files into `folder` and reads them back. Throws Environment where they differ.
void write_taskdata(const RateMap& map,
                    const std::string& field,
                    const std::string& product,
                    const std::filesystem::path& folder);

/// The first grid of type 2. Throws NotFound, or User for what is no task with such a grid.
TaskGrid read_taskdata(const std::filesystem::path& folder);

}  // namespace canopy
