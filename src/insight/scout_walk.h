// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "insight/tree_choice.h"
#include "orchard/survey.h"

// A walk past the trees that somebody should look at, as short as `shortest_walk` finds it. Ways
// are straight: fences, hedges and ditches are not known.

namespace canopy {

struct ScoutOptions {
  TreeChoice trees = {};
  std::vector<double> start = {};
  bool round = false;
  template <class F>
  void describe(F& field) {
    trees.describe(field);
    field("start", start, "Where to begin, as LAT,LNG; at the best tree when left out.");
    field("round", round, "Come back to the start.");
  }
};

struct ScoutWalk {
  std::optional<Point> start;    ///< in the survey's CRS, as the stops' positions
  std::vector<Tree> stops;       ///< in walking order
  std::vector<double> walked_m;  ///< on arrival at each
  double length_m = 0;           ///< with the way back where there is one
  double given_m = 0;            ///< the same in planting order
};

/// Throws User when no tree is chosen, when `start` is no LAT,LNG or lies more than 20 km away from
/// every stop, and for `round` without a start.
ScoutWalk scout_walk(const Survey& survey, const ScoutOptions& options);

/// scout.gpx (waypoints and a route), scout.csv, scout_stops.geojson, scout_route.geojson and
/// scout.json, which is returned.
nlohmann::ordered_json write_scout_walk(const ScoutWalk& walk,
                                        const Survey& survey,
                                        const ScoutOptions& options,
                                        const std::filesystem::path& folder);

}  // namespace canopy
