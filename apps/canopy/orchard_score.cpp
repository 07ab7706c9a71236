// SPDX-License-Identifier: Apache-2.0
#include "orchard_score.h"

#include <algorithm>

#include "base/error.h"
#include "geo/vector_file.h"
#include "insight/prescription.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

constexpr double kSameMask = 0.5, kSamePlace = 0.5;

double number(const Feature& feature, const char* name) {
  const auto found = feature.attributes.find(name);
  require(found != feature.attributes.end(), [&] {
    return std::string("crowns.gpkg: column '") + name + "' is missing; run canopy synth again";
  });
  if (const auto* real = std::get_if<double>(&found->second)) return *real;
  const auto* integer = std::get_if<std::int64_t>(&found->second);
  return integer ? static_cast<double>(*integer) : 0;
}

int integer(const Feature& feature, const char* name) {
  return static_cast<int>(number(feature, name));
}

std::string text(const Feature& feature, const char* name) {
  const auto found = feature.attributes.find(name);
  const auto* text =
      found == feature.attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text ? *text : std::string();
}

Tree true_tree(const Feature& feature) {
  Tree tree;
  tree.id = integer(feature, "id");
  tree.position = {number(feature, "x"), number(feature, "y")};
  tree.area_m2 = number(feature, "area");
  tree.block = integer(feature, "block");
  tree.row_index = integer(feature, "row_index");
  tree.tree_index = integer(feature, "tree_index");
  tree.health = number(feature, "health");
  tree.health_class = tree.health < 0.5 ? HealthClass::Poor : HealthClass::Good;
  if (text(feature, "status") == "dead") tree.status = TreeStatus::Dead;
  return tree;
}

}  // namespace

IdMapOverlap overlap_of(const Raster& found, const Raster& truth) {
  const auto ids = found.read_ids(found.window());
  IdMapOverlap overlap;
  const double across = static_cast<double>(found.width()) / static_cast<double>(truth.width());
  const double down = static_cast<double>(found.height()) / static_cast<double>(truth.height());
  for (std::int64_t y = 0; y < truth.height(); ++y) {
    const auto row = truth.read_ids({0, y, truth.width(), 1});
    std::vector<std::uint32_t> same(row.size());
    const auto v = std::min(found.height() - 1,
                            static_cast<std::int64_t>((static_cast<double>(y) + 0.5) * down));
    for (std::size_t x = 0; x < row.size(); ++x) {
      const auto u = std::min(found.width() - 1,
                              static_cast<std::int64_t>((static_cast<double>(x) + 0.5) * across));
      same[x] = ids[static_cast<std::size_t>(v * found.width() + u)];
    }
    overlap.add(row, same);
  }
  return overlap;
}

Survey read_truth(const fs::path& orchard) {
  const fs::path file = orchard / "crowns.gpkg";
  Survey truth;
  for (const Feature& feature : read_vector(file, "crowns").features)
    truth.trees.push_back(true_tree(feature));
  for (const Feature& feature : read_vector(file, "missing").features)
    truth.missing.push_back({feature.points.at(0),
                             integer(feature, "block"),
                             integer(feature, "row_index"),
                             integer(feature, "tree_index"),
                             1});
  for (const Feature& feature : read_vector(file, "orchard").features)
    truth.blocks.push_back({integer(feature, "block"),
                            text(feature, "pattern"),
                            number(feature, "row_spacing"),
                            number(feature, "tree_spacing"),
                            number(feature, "row_angle"),
                            feature.polygon});
  return truth;
}

SurveyScore score_folder(const fs::path& survey, const fs::path& orchard) {
  const Survey truth = read_truth(orchard), found = open_survey(survey);
  const fs::path labels = survey / "labels.tif";
  if (!fs::exists(labels))
    return score_survey(truth, found, pair_by_position(truth, found, kSamePlace));
  std::vector<TreePair> pairs;
  const IdMapOverlap overlap =
      overlap_of(Raster::open(labels), Raster::open(orchard / "truth_ids.tif"));
  for (const IdMapOverlap::Pair& pair : overlap.matches(kSameMask))
    pairs.push_back({pair.truth, pair.found});
  return score_survey(truth, found, pairs);
}

}  // namespace canopy
