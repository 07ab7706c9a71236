// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "geo/picture.h"
#include "geo/raster.h"
#include "orchard/survey.h"

namespace canopy {

/// The mosaic as an eye would see it, stretched between its 2nd and 98th percentile, at most
/// `longest_edge` pixels.
Picture natural_colour(const Raster& raster, int longest_edge);

/// Crowns outlined by health (status where health is unknown), dead trees crossed, missing trees
/// ringed.
void draw_survey(Picture& picture, const Raster& raster, const Survey& survey);

/// The crowns filled by health on a pale ground, with row lines: the map's layers without the
/// imagery.
Picture survey_map(const Raster& raster, const Survey& survey, int longest_edge);

}  // namespace canopy
