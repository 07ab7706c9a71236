// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <tuple>

#include "base/error.h"
#include "geo/crs.h"
#include "insight/point_index.h"
#include "insight/prescription.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kInGap = 0.4;   // of the closest spacing, from a tree to the gap that it fills
constexpr double kInGapM = 1.5;  // where no block tells a spacing

Change change_of(const Tree& before, const Tree& after) {
  const bool was_dead = before.status == TreeStatus::Dead;
  if (was_dead == (after.status == TreeStatus::Dead)) return Change::Stayed;
  return was_dead ? Change::Recovered : Change::Died;
}

TreeChange pair_of(const Tree& before, const Tree& after) {
  TreeChange change{change_of(before, after), before.id, after.id, after, before.area_m2};
  change.growth = after.area_m2 / before.area_m2 - 1;
  change.health_change = after.health - before.health;
  change.ndvi_change = after.ndvi - before.ndvi;
  change.ndre_change = after.ndre - before.ndre;
  return change;
}

TreeChange alone(Change what, const Tree& tree) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  TreeChange change{what, 0, 0, tree, kNan, kNan, kNan, kNan, kNan};
  (what == Change::Gone ? change.earlier_id : change.later_id) = tree.id;
  if (what == Change::Gone) change.earlier_area_m2 = tree.area_m2;
  return change;
}

double gap_reach_m(const Survey& survey) {
  double least = 1e300;
  for (const Block& block : survey.blocks)
    for (const double spacing : {block.tree_spacing_m, block.row_spacing_m})
      if (spacing > 0) least = std::min(least, spacing);
  return least < 1e300 ? kInGap * least : kInGapM;
}

double rounded(double value, double to) { return std::round(value / to) * to; }

VectorLayer layer_of_changes(const SurveyComparison& comparison, const Survey& later) {
  VectorLayer layer{"comparison",
                    "EPSG:4326",
                    GeometryKind::Point,
                    {"place",
                     "change",
                     "block",
                     "row_index",
                     "tree_index",
                     "earlier_id",
                     "later_id",
                     "earlier_area",
                     "later_area",
                     "growth",
                     "health_change",
                     "ndvi_change",
                     "ndre_change",
                     "lat",
                     "lng"},
                    {}};
  const Reprojection degrees(later.crs_wkt, "EPSG:4326");
  for (const TreeChange& c : comparison.trees) {
    const Point place = degrees(c.tree.position);
    const double later_area = c.change == Change::Gone ? NAN : c.tree.area_m2;
    layer.features.push_back({GeometryKind::Point,
                              {place},
                              {},
                              {{"place", place_name(c.tree)},
                               {"change", std::string(name_of(c.change))},
                               {"block", std::int64_t{c.tree.block}},
                               {"row_index", std::int64_t{c.tree.row_index}},
                               {"tree_index", std::int64_t{c.tree.tree_index}},
                               {"earlier_id", c.earlier_id},
                               {"later_id", c.later_id},
                               {"earlier_area", rounded(c.earlier_area_m2, 0.01)},
                               {"later_area", rounded(later_area, 0.01)},
                               {"growth", rounded(c.growth, 0.001)},
                               {"health_change", rounded(c.health_change, 0.001)},
                               {"ndvi_change", rounded(c.ndvi_change, 0.0001)},
                               {"ndre_change", rounded(c.ndre_change, 0.0001)},
                               {"lat", place.y},
                               {"lng", place.x}}});
  }
  return layer;
}

}  // namespace

const char* name_of(Change change) {
  switch (change) {
    case Change::Stayed:
      return "stayed";
    case Change::Died:
      return "died";
    case Change::Recovered:
      return "recovered";
    case Change::Gone:
      return "gone";
    case Change::Replanted:
      return "replanted";
    case Change::New:
      return "new";
  }
  return "unknown";
}

int SurveyComparison::count(Change change) const {
  return static_cast<int>(std::count_if(
      trees.begin(), trees.end(), [&](const TreeChange& tree) { return tree.change == change; }));
}

double SurveyComparison::median_growth() const {
  std::vector<double> values;
  for (const TreeChange& tree : trees)
    if (tree.change == Change::Stayed && std::isfinite(tree.growth)) values.push_back(tree.growth);
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

SurveyComparison compare_surveys(const Survey& earlier, const Survey& later) {
  require(same_crs(earlier.crs_wkt, later.crs_wkt), [&] {
    return "survey '" + later.survey_id + "' lies in another CRS than '" + earlier.survey_id +
           "'; survey both mosaics in one";
  });
  SurveyComparison comparison;
  comparison.match = match_surveys(earlier.trees, later.trees);
  std::vector<char> stays(earlier.trees.size(), 0), was_there(later.trees.size(), 0);
  for (const TreeMatch& pair : comparison.match.trees) {
    const auto e = static_cast<std::size_t>(pair.earlier), l = static_cast<std::size_t>(pair.later);
    stays[e] = was_there[l] = 1;
    comparison.trees.push_back(pair_of(earlier.trees[e], later.trees[l]));
  }
  for (std::size_t e = 0; e < stays.size(); ++e)
    if (!stays[e]) comparison.trees.push_back(alone(Change::Gone, earlier.trees[e]));
  std::vector<Point> gaps;
  for (const Gap& gap : earlier.missing) gaps.push_back(gap.position);
  const PointIndex index(gaps);
  const double reach_m = gap_reach_m(earlier);
  for (std::size_t l = 0; l < was_there.size(); ++l) {
    if (was_there[l]) continue;
    const Point place = comparison.match.shift(later.trees[l].position);
    const bool fills = !gaps.empty() && index.any_within(place, reach_m);
    comparison.trees.push_back(alone(fills ? Change::Replanted : Change::New, later.trees[l]));
  }
  std::stable_sort(comparison.trees.begin(),
                   comparison.trees.end(),
                   [](const TreeChange& a, const TreeChange& b) {
                     const auto key = [](const Tree& t) {
                       return std::tuple(t.block, t.row_index, t.tree_index);
                     };
                     return key(a.tree) < key(b.tree);
                   });
  return comparison;
}

Json write_survey_comparison(const SurveyComparison& comparison,
                             const Survey& earlier,
                             const Survey& later,
                             const std::filesystem::path& folder) {
  const VectorLayer layer = layer_of_changes(comparison, later);
  PrescriptionFiles files(folder, "comparison");
  files.write("comparison.csv", {layer});
  files.write("comparison.geojson", {layer});
  const double growth = comparison.median_growth();
  Json figures = {{"earlier", earlier.survey_id}, {"later", later.survey_id}};
  for (const Change change : {Change::Stayed,
                              Change::Died,
                              Change::Recovered,
                              Change::Gone,
                              Change::Replanted,
                              Change::New})
    figures[name_of(change)] = comparison.count(change);
  figures["median_growth"] = std::isfinite(growth) ? Json(growth) : Json(nullptr);
  const SurveyShift& shift = comparison.match.shift;
  figures["shift_m"] = {shift.shift.x, shift.shift.y};
  figures["turn_deg"] = shift.turn_rad * 180 / std::numbers::pi;
  figures["scale"] = shift.scale;
  figures["residual_m"] = comparison.match.residual_m;
  return files.commit(later, figures, Json::object());
}

}  // namespace canopy
