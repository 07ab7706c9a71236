// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "base/progress.h"
#include "orchard/synthetic_orchard.h"

namespace canopy {

/// Where the synthetic orchard lies: a CRS in metres and its south-west corner.
struct SyntheticPlace {
  std::string crs = "EPSG:32734";
  Point origin{300000, 6240000};
};

/// Writes a folder as a drone service would deliver it, with the truth beside it:
///   - ortho.tif: COG, uint16, blue green red red_edge nir, scale 1e-4
///   - dsm.tif, dtm.tif: float32, metres
///   - crowns.gpkg: layers crowns (id, class, status, health, height, area, block, row_index,
///   tree_index, and x, y of the crown's centre), missing, rows, orchard (the blocks)
///   - truth_ids.tif: uint32, the crown's id at each pixel
///   - orchard.json: preset, seed, counts; last
/// Block by block, in bounded memory; each file appears whole.
void write_synthetic_orchard(const SyntheticOrchard& orchard,
                             const std::filesystem::path& folder,
                             const SyntheticPlace& place,
                             Progress& progress);

}  // namespace canopy
