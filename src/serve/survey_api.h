// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "serve/router.h"
#include "serve/served_survey.h"

// Surveys over HTTP, for the map and for other software. All answers are JSON, GeoJSON or files;
// failures are problem+json. {id} is a survey's id.
//
//   GET /healthz                              200 when every survey's trees and files can be read
//   GET /api/v1/surveys                       {"surveys": [summary, ...]}
//   GET /api/v1/surveys/{id}                  summary, crs, proj4, extent, blocks, ortho with its
//   bands, links, files GET /api/v1/surveys/{id}/trees            features with crowns, by id
//        ?crs=wgs84|survey  &bbox=w,s,e,n (in that crs; a tree is in it when its centre is)
//        &status=alive,dead &health=good,fair,poor,unknown  &limit=1..10000 (1000)  &offset=0..
//   GET /api/v1/surveys/{id}/missing, /rows, /blocks     features; ?crs as above
//   GET /api/v1/surveys/{id}/rasters/ortho, /labels      GeoTIFF, with byte ranges
//   GET /api/v1/surveys/{id}/files/{name}     a file of the survey's folder, by a name of "files"

namespace canopy {

/// Adds the routes. The shelf may be added to while they are served.
void add_survey_api(Router& router, std::shared_ptr<const SurveyShelf> shelf);

}  // namespace canopy
