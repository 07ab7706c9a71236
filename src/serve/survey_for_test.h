// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "orchard/survey.h"

namespace canopy {

/// Twelve trees in three rows of five places, three of them empty, 5 m apart. Tree 1 is dead, tree
/// 2 poor, tree 3 fair, tree 4 of unknown health, the others good.
inline Survey small_survey() {
  Survey survey;
  survey.survey_id = "north block";
  survey.crs_wkt = "EPSG:32734";
  survey.captured_on = "2026-11-02";
  survey.model_id = "model-1";
  survey.gsd_m = 0.1;
  survey.hectares = 0.05;
  survey.canopy_cover = 0.25;
  for (int row = 1; row <= 3; ++row) {
    Row line{1, row, {}, {}};
    for (int place = 1; place <= 5; ++place) {
      const Point at{300'000 + 5.0 * place, 6'250'000 + 5.0 * row};
      line.line.push_back(at);
      if (place == row) {
        survey.missing.push_back({at, 1, row, place, 0.9});
        continue;
      }
      Tree tree;
      tree.id = static_cast<std::int64_t>(survey.trees.size()) + 1;
      tree.position = at;
      tree.lng = 18.84 + 1e-5 * place;
      tree.lat = -33.87 + 1e-5 * row;
      tree.status = tree.id == 1 ? TreeStatus::Dead : TreeStatus::Alive;
      tree.area_m2 = static_cast<double>(tree.id);
      tree.ndvi = 0.5;
      tree.ndre = tree.health = NAN;
      tree.health_class = tree.id == 2   ? HealthClass::Poor
                          : tree.id == 3 ? HealthClass::Fair
                          : tree.id == 4 ? HealthClass::Unknown
                                         : HealthClass::Good;
      tree.block = 1, tree.row_index = row, tree.tree_index = place;
      tree.crown = {{{{at.x - 1, at.y - 1},
                      {at.x + 1, at.y - 1},
                      {at.x + 1, at.y + 1},
                      {at.x - 1, at.y + 1}}}};
      line.tree_ids.push_back(tree.id);
      survey.trees.push_back(tree);
    }
    survey.rows.push_back(line);
  }
  survey.blocks.push_back({1,
                           "square",
                           5,
                           5,
                           0,
                           {{{{300'000, 6'250'000},
                              {300'030, 6'250'000},
                              {300'030, 6'250'020},
                              {300'000, 6'250'020}}}}});
  return survey;
}

}  // namespace canopy
