// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "orchard/survey.h"

namespace canopy {

/// The trees of a survey as GeoParquet 1.1: the columns of the layer `trees` (survey_files.h), and
/// `geometry` as WKB, the crown or, where no tree has one, the place; in longitudes and latitudes
/// (OGC:CRS84), or in the survey's own metres with a null CRS where it has none. The rows are
/// counted back.
void write_survey_parquet(const Survey& survey, const std::filesystem::path& path);

}  // namespace canopy
