// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "eval/id_map_overlap.h"
#include "geo/raster.h"
#include "insight/survey_score.h"

// A survey held against the folder that `canopy synth` wrote.

namespace canopy {

/// Which trees of a label map are which of the true one; it may have another resolution.
IdMapOverlap overlap_of(const Raster& found, const Raster& truth);

/// The orchard's truth as a survey. Throws NotFound, or User for a folder of an older version.
Survey read_truth(const std::filesystem::path& orchard);

/// Trees are paired by their masks (IoU 0.5) where the survey has a labels.tif, else by their
/// places (half the closest spacing).
SurveyScore score_folder(const std::filesystem::path& survey, const std::filesystem::path& orchard);

}  // namespace canopy
