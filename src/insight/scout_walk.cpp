// SPDX-License-Identifier: Apache-2.0
#include "insight/scout_walk.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/options.h"
#include "geo/crs.h"
#include "insight/point_index.h"
#include "insight/prescription.h"
#include "insight/shortest_walk.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;
constexpr double kFarthestStart_m = 20000;

std::vector<Point> positions_of(const std::vector<Tree>& trees) {
  std::vector<Point> positions;
  for (const Tree& tree : trees) positions.push_back(tree.position);
  return positions;
}

std::optional<Point> start_of(const Survey& survey,
                              const ScoutOptions& options,
                              const std::vector<Tree>& stops) {
  const std::vector<double>& start = options.start;
  require(!options.round || !start.empty(),
          "round: there is no start to come back to; give start=LAT,LNG");
  if (start.empty()) return std::nullopt;
  require(start.size() == 2 && std::abs(start[0]) <= 90 && std::abs(start[1]) <= 180,
          "start: write it as LAT,LNG in degrees, such as -33.96,18.83");
  const Point place = Reprojection("EPSG:4326", survey.crs_wkt)({start[1], start[0]});
  require(
      std::any_of(stops.begin(),
                  stops.end(),
                  [&](const Tree& t) { return distance(t.position, place) < kFarthestStart_m; }),
      "start: lies more than 20 km from every tree; write it as LAT,LNG, latitude first");
  return place;
}

/// The lines of a walk in planting order, out of the way of the better ones.
double length_as_given(const std::vector<Tree>& trees,
                       const std::optional<Point>& start,
                       const std::optional<Point>& end) {
  std::vector<Point> path = positions_of(trees);
  if (start) path.insert(path.begin(), *start);
  if (end) path.push_back(*end);
  double length = 0;
  for (std::size_t k = 1; k < path.size(); ++k) length += distance(path[k - 1], path[k]);
  return length;
}

VectorLayer route_of(const ScoutWalk& walk, const ScoutOptions& options) {
  Feature line{
      GeometryKind::Line,
      {},
      {},
      {{"stops", static_cast<std::int64_t>(walk.stops.size())}, {"length_m", walk.length_m}}};
  const auto add_start = [&] { line.points.push_back({options.start[1], options.start[0]}); };
  if (walk.start) add_start();
  for (const Tree& stop : walk.stops) line.points.push_back({stop.lng, stop.lat});
  if (options.round) add_start();
  if (line.points.size() == 1) line.points.push_back(line.points[0]);
  return {"route", "EPSG:4326", GeometryKind::Line, {"stops", "length_m"}, {line}};
}

}  // namespace

ScoutWalk scout_walk(const Survey& survey, const ScoutOptions& options) {
  const std::vector<Tree> chosen = choose_trees(survey, options.trees);
  require(!chosen.empty(), [&] {
    return "survey '" + survey.survey_id +
           "': no tree is as status and health-below ask; choose more, such as health-below=0.9";
  });
  ScoutWalk result;
  result.start = start_of(survey, options, chosen);
  const std::optional<Point> end = options.round ? result.start : std::nullopt;
  const Walk walk = shortest_walk(positions_of(chosen), result.start, end);
  result.length_m = walk.length_m;
  result.given_m = length_as_given(chosen, result.start, end);
  std::optional<Point> before = result.start;
  double walked = 0;
  for (int k : walk.order) {
    const Tree& stop = chosen[static_cast<std::size_t>(k)];
    if (before) walked += distance(*before, stop.position);
    before = stop.position;
    result.stops.push_back(stop);
    result.walked_m.push_back(walked);
  }
  return result;
}

Json write_scout_walk(const ScoutWalk& walk,
                      const Survey& survey,
                      const ScoutOptions& options,
                      const std::filesystem::path& folder) {
  PrescriptionFiles files(folder, "scout");
  VectorLayer stops =
      layer_of(walk.stops,
               "stops",
               {"place", "block", "row_index", "tree_index", "status", "health", "lat", "lng"});
  VectorLayer route = layer_of(walk.stops, "route_points", {"name", "desc"});
  for (std::size_t k = 0; k < walk.stops.size(); ++k) {
    stops.features[k].attributes["stop"] = static_cast<std::int64_t>(k) + 1;
    stops.features[k].attributes["walked_m"] = std::round(walk.walked_m[k] * 10) / 10;
    route.features[k].attributes["route_fid"] = std::int64_t{0};
    route.features[k].attributes["route_name"] = "scout " + survey.survey_id;
  }
  stops.columns.insert(stops.columns.begin(), {"stop", "walked_m"});
  route.columns = {"route_fid", "route_name", "name", "desc"};
  files.write("scout.gpx", {layer_of(walk.stops, "waypoints", {"name", "desc", "sym"}), route});
  files.write("scout.csv", {stops});
  files.write("scout_stops.geojson", {stops});
  files.write("scout_route.geojson", {route_of(walk, options)});
  ScoutOptions described = options;
  return files.commit(survey,
                      {{"stops", walk.stops.size()},
                       {"length_m", walk.length_m},
                       {"in_planting_order_m", walk.given_m}},
                      Fields(described).to_json());
}

}  // namespace canopy
