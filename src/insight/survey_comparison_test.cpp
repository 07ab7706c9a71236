// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_comparison.h"

#include <unistd.h>

#include <cmath>

#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "base/random.h"
#include "geo/vector_file.h"
#include "orchard/synthetic_orchard.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// A planted orchard on its first day, by its positions and radii.
Survey first_day(const std::string& preset, std::int64_t seed) {
  SyntheticOptions options;
  options.preset = preset;
  options.seed = seed;
  const SyntheticOrchard orchard(options);
  Survey survey;
  survey.survey_id = "first";
  survey.crs_wkt = "EPSG:32734";
  survey.blocks = orchard.blocks();
  survey.missing = orchard.gaps();
  const auto place = [](const Point& p) { return Point{300000 + p.x, 6240000 + p.y}; };
  for (Gap& gap : survey.missing) gap.position = place(gap.position);
  for (const SyntheticTree& planted : orchard.trees()) {
    Tree tree;
    tree.id = planted.id;
    tree.position = place(planted.position);
    tree.area_m2 = 3.14 * planted.radius_m * planted.radius_m;
    tree.block = planted.block;
    tree.row_index = planted.row_index;
    tree.tree_index = planted.tree_index;
    tree.health = tree.ndvi = tree.ndre = 0.6;
    survey.trees.push_back(tree);
  }
  return survey;
}

struct Later {
  Survey survey;
  int died = 0, gone = 0, replanted = 0;
};

/// A year later: crowns 12 % larger, a few trees dead or felled, gaps replanted; and the whole
/// picture moved, turned and stretched a little.
Later a_year_after(const Survey& first, const SurveyShift& wrong, std::uint64_t seed) {
  Later later;
  later.survey = first;
  later.survey.survey_id = "second";
  later.survey.trees.clear();
  later.survey.missing.clear();
  Random random(seed);
  const auto seen = [&](const Point& p) {
    return wrong({p.x + random.normal(0, 0.1), p.y + random.normal(0, 0.1)});
  };
  for (Tree tree : first.trees) {
    if (random.chance(0.02)) {
      ++later.gone;
      continue;
    }
    if (random.chance(0.02)) {
      tree.status = TreeStatus::Dead;
      ++later.died;
    }
    tree.id += 5000;
    tree.position = seen(tree.position);
    tree.area_m2 *= 1.12 * std::exp(random.normal(0, 0.05));
    later.survey.trees.push_back(tree);
  }
  for (const Gap& gap : first.missing) {
    if (!random.chance(0.5)) continue;
    ++later.replanted;
    Tree tree;
    tree.id = 20000 + later.replanted;
    tree.position = seen(gap.position);
    tree.area_m2 = 0.8;
    later.survey.trees.push_back(tree);
  }
  return later;
}

TEST(SurveyComparison, trees_are_found_again_however_the_second_flight_lies) {
  for (const char* preset : {"square", "citrus", "contour", "sparse"})
    for (const Point shift : {Point{0, 0}, {3.1, -1.7}, {-4.5, 6}}) {
      const Survey first = first_day(preset, 3);
      const Point middle = first.trees[first.trees.size() / 2].position;
      const Later later = a_year_after(first, {middle, shift, 0.003, 1.0004}, 5);
      const SurveyComparison found = compare_surveys(first, later.survey);
      int wrong = 0;
      for (const TreeChange& tree : found.trees)
        wrong +=
            tree.earlier_id > 0 && tree.later_id > 0 && tree.later_id != tree.earlier_id + 5000;
      EXPECT_EQ(wrong, 0) << preset << " " << shift.x;
      EXPECT_EQ(found.count(Change::Died), later.died) << preset;
      EXPECT_EQ(found.count(Change::Gone), later.gone) << preset;
      EXPECT_EQ(found.count(Change::Replanted), later.replanted) << preset;
      EXPECT_EQ(found.count(Change::New), 0) << preset;
      EXPECT_NEAR(found.median_growth(), 0.12, 0.01) << preset;
      EXPECT_LT(found.match.residual_m, 0.2) << preset;
    }
}

TEST(SurveyComparison, files_hold_every_tree_and_the_figures) {
  const fs::path folder =
      fs::path(testing::TempDir()) / ("canopy_compare_" + std::to_string(::getpid()));
  const Survey first = first_day("citrus", 3);
  const Later later = a_year_after(first, {first.trees[0].position, {2, 1}, 0, 1}, 5);
  const SurveyComparison found = compare_surveys(first, later.survey);
  const auto record = write_survey_comparison(found, first, later.survey, folder);
  EXPECT_EQ(record["figures"]["died"], later.died);
  EXPECT_EQ(read_vector(folder / "comparison.geojson").features.size(), found.trees.size());
  EXPECT_EQ(record["files"].size(), 2u);
  fs::remove_all(folder);
}

TEST(SurveyComparison, surveys_that_cannot_be_compared_get_one_clear_line) {
  const Survey first = first_day("citrus", 3);
  Survey other = first;
  other.crs_wkt = "EPSG:32735";
  EXPECT_NE(error_of([&] { compare_surveys(first, other); }).find("lies in another CRS"),
            std::string::npos);
  other = first;
  for (Tree& tree : other.trees) tree.position.x += 5000;
  EXPECT_NE(error_of([&] { compare_surveys(first, other); }).find("stand in both surveys"),
            std::string::npos);
  other.trees.resize(2);
  EXPECT_NE(error_of([&] { compare_surveys(first, other); }).find("three trees or more"),
            std::string::npos);
}

}  // namespace
}  // namespace canopy
