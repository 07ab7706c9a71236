// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "geo/raster.h"
#include "insight/make_survey.h"

// Crowns of plain pictures as one COCO file, in each picture's own pixels: `images` with the names
// that the pictures had, `annotations` with box, area, outline and `score`, categories 1 `tree` and
// 2 `dead_tree`. COCO's tools open it as a truth, and its `annotations` as results.

namespace canopy {

/// {"image": {...}, "annotations": [...]} of one picture, not numbered yet. `labels` lies on the
/// picture, at any resolution. Block by block, in bounded memory.
nlohmann::ordered_json coco_picture(const std::string& file_name,
                                    const Raster& picture,
                                    const Raster& labels,
                                    std::span<const TreeFinding> findings);

/// The whole document, images and annotations numbered from 1 in the order given.
nlohmann::ordered_json coco_results(std::vector<nlohmann::ordered_json> pictures);

}  // namespace canopy
