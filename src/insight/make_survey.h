// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "base/progress.h"
#include "geo/raster.h"
#include "insight/boundary.h"
#include "orchard/survey.h"

// The whole way from a label map to a survey: measures inside each mask, then rows and missing
// trees from the positions, then health against the block, then the block's figures.

namespace canopy {

/// What the model said of one id of the label map.
struct TreeFinding {
  std::uint32_t id = 0;
  double score = 0;
  bool is_dead = false;
};

/// What a survey is made from. Rasters share a CRS; they may differ in resolution.
struct SurveyInput {
  const Raster* labels = nullptr;  ///< uint32 tree ids
  const Raster* ortho = nullptr;
  const Raster* dsm = nullptr;  ///< may be missing, then heights and volumes are 0
  const Raster* dtm = nullptr;  ///< may be missing, then the ground is taken from the DSM
  std::string survey_id, model_id, captured_on;
  Boundary boundary = {};  ///< the grower's blocks, in `survey_crs`; may be empty
};

/// Block by block, in bounded memory. Throws User when the label map does not lie on the
/// orthomosaic, or a surface on another CRS.
Survey make_survey(const SurveyInput& input,
                   std::span<const TreeFinding> findings,
                   Progress& progress);

/// The CRS in metres in which a survey of `raster` is kept: its own where that is projected in
/// metres, else its UTM zone; empty without one (metres from the picture's corner then).
std::string survey_crs(const Raster& raster);

}  // namespace canopy
