// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_summary.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "insight/block_outline.h"

namespace canopy {
namespace {

constexpr double kLooseReachM = 10, kLooseMarginM = 3;

struct Moments {
  double mean = std::numeric_limits<double>::quiet_NaN(), deviation = mean;
};

Moments moments(const Survey& survey, double Tree::*value) {
  double n = 0, sum = 0, squares = 0;
  const auto each = [&](auto&& visit) {
    for (const Tree& tree : survey.trees)
      if (tree.status == TreeStatus::Alive && std::isfinite(tree.*value)) visit(tree.*value);
  };
  each([&](double x) { ++n, sum += x; });
  if (n == 0) return {};
  const double mean = sum / n;
  each([&](double x) { squares += (x - mean) * (x - mean); });
  return {mean, n > 1 ? std::sqrt(squares / (n - 1)) : 0};
}

nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

void add_cover(Survey& survey) {
  double ground_m2 = 0, crowns_m2 = 0;
  for (const Block& block : survey.blocks)
    if (!block.outline.empty()) ground_m2 += area_of(block.outline);
  const bool has_blocks = ground_m2 > 0;
  bool knows_areas = survey.trees.empty();
  std::vector<Point> places;
  for (const Tree& tree : survey.trees) {
    if (!has_blocks || tree.block > 0) {
      crowns_m2 += std::isfinite(tree.area_m2) ? tree.area_m2 : 0;
      knows_areas = knows_areas || std::isfinite(tree.area_m2);
    }
    places.push_back(tree.position);
  }
  if (!has_blocks && !places.empty()) {
    const Polygon ground = block_outline(places, kLooseReachM, kLooseMarginM);
    if (!ground.empty()) ground_m2 = area_of(ground);
  }
  survey.hectares = ground_m2 / 10000;
  survey.canopy_cover = ground_m2 > 0 ? std::min(1.0, crowns_m2 / ground_m2) : 0;
  if (!knows_areas) survey.canopy_cover = std::numeric_limits<double>::quiet_NaN();
}

nlohmann::ordered_json survey_summary(const Survey& survey) {
  const auto dead = std::count_if(survey.trees.begin(), survey.trees.end(), [](const Tree& tree) {
    return tree.status == TreeStatus::Dead;
  });
  const Moments area = moments(survey, &Tree::area_m2), ndre = moments(survey, &Tree::ndre),
                ndvi = moments(survey, &Tree::ndvi);
  return {{"survey_id", survey.survey_id},
          {"tree_count", survey.trees.size()},
          {"missing_tree_count", survey.missing.size()},
          {"dead_tree_count", dead},
          {"average_area_m2", number(area.mean)},
          {"stddev_area_m2", number(area.deviation)},
          {"average_ndre", number(ndre.mean)},
          {"stddev_ndre", number(ndre.deviation)},
          {"average_ndvi", number(ndvi.mean)},
          {"canopy_cover", number(survey.canopy_cover)},
          {"hectares", number(survey.hectares)}};
}

}  // namespace canopy
