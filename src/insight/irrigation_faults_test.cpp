// SPDX-License-Identifier: Apache-2.0
#include "insight/irrigation_faults.h"

#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "base/random.h"
#include "geo/vector_file.h"
#include "insight/health.h"
#include "orchard/grove.h"
#include "orchard/synthetic_orchard.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// 'O' is a tree that does well, 'o' one that is thirsty; a little noise on all.
Survey drawn(const std::string& drawing) {
  Survey survey = plant(drawing, {.crs = "EPSG:32734"}).survey();
  for (Tree& tree : survey.trees) {
    Random random(3, static_cast<std::uint64_t>(tree.id));
    const bool is_well = tree.area_m2 > 8;
    const double vigour = (is_well ? 4 : 1) + random.normal(0, 0.5);
    tree.health = tree.status == TreeStatus::Dead ? 0 : 1 / (1 + std::exp(-vigour));
  }
  return survey;
}

std::vector<std::string> told(const Survey& survey, const IrrigationOptions& options = {}) {
  std::vector<std::string> result;
  for (const IrrigationFault& f : irrigation_faults(survey, options))
    result.push_back("row " + std::to_string(f.row_index) + " trees " +
                     std::to_string(f.from_tree) + "-" + std::to_string(f.to_tree) + " " +
                     name_of(f.kind));
  return result;
}

TEST(IrrigationFaults, a_line_that_is_blocked_half_way_is_told_from_there_to_its_end) {
  EXPECT_THAT(told(drawn(R"(
      O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O O O O
      o o o o o o o o O O O O O O O O
      O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O O O O )")),
              ElementsAre("row 3 trees 9-16 to the end"));
}

TEST(IrrigationFaults, a_whole_row_and_a_stretch_between_are_told_apart) {
  const auto faults = told(drawn(R"(
      O O O O O O O O O O O O O O O O
      o o o o o o o o o o o o o o o o
      O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O O O O
      O O O O o o o o o o O O O O O O
      O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O O O O )"));
  EXPECT_THAT(faults, ElementsAre("row 6 trees 1-16 whole row", "row 3 trees 7-12 between"));
}

TEST(IrrigationFaults, well_watered_trees_beside_a_stretch_point_to_a_leak) {
  Survey survey = drawn(R"(
      O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O O O O
      o o o o o o o o O O O O O O O O
      O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O O O O )");
  for (Tree& tree : survey.trees)
    if (tree.row_index == 3 && tree.tree_index >= 6 && tree.tree_index <= 8) tree.health = 0.9995;
  EXPECT_THAT(told(survey), ElementsAre("row 3 trees 9-16 leak"));
  EXPECT_THAT(irrigation_faults(survey, {})[0].reason, HasSubstr("may leak where they meet"));
}

TEST(IrrigationFaults, rows_side_by_side_that_fail_together_are_one_group) {
  const auto faults = irrigation_faults(drawn(R"(
      O O O O O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O O O O O O O O
      o o o o o o o o O O O O O O O O O O O O
      o o o o o o o o o O O O O O O O O O O O
      O O O O O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O o o o o o o o
      O O O O O O O O O O O O O O O O O O O O
      O O O O O O O O O O O O O O O O O O O O )"),
                                        {});
  ASSERT_EQ(faults.size(), 3u);
  std::map<int, int> rows_of_group;
  for (const IrrigationFault& fault : faults) {
    ++rows_of_group[fault.group];
    EXPECT_EQ(fault.group_rows, fault.row_index == 3 ? 1 : 2);
    const bool says = fault.reason.find("2 rows side by side (6 to 7)") != std::string::npos;
    EXPECT_EQ(says, fault.row_index != 3) << fault.reason;
  }
  EXPECT_EQ(rows_of_group.size(), 2u);
}

TEST(IrrigationFaults, single_dead_trees_gaps_and_poor_ground_are_no_lines) {
  EXPECT_THAT(told(drawn(R"(
      O O O O O O O O O x x O O O O O
      O O O o o o o o O O O O _ _ _ O
      O O O o o o o o O O O O O O O O
      O O O o o o o o O O O o O O O O
      O O O o o o o o O O x O O O O O
      O O O o o o o o O O O O O O O O
      O O O o o o o o O O O O O O O x )")),
              IsEmpty());
}

TEST(IrrigationFaults, planted_lines_are_found_and_sound_orchards_are_nearly_silent) {
  int found = 0, planted = 0, wrong = 0;
  for (int seed = 1; seed <= 8; ++seed) {
    SyntheticOptions orchard;
    orchard.preset = seed % 2 ? "citrus" : "contour";
    orchard.seed = seed;
    orchard.width_m = orchard.height_m = 120;
    orchard.gsd_m = 0.25;
    Survey survey = SyntheticOrchard(orchard).truth("EPSG:32734", {300000, 6240000});
    judge_health(survey.trees);
    for (const IrrigationFault& f : irrigation_faults(survey, {})) {
      ++wrong;
      std::printf("seed %d: certainty %.1f, %s\n", seed, f.certainty, f.reason.c_str());
    }
    std::map<int, int> length;
    for (const Tree& t : survey.trees)
      if (t.block == 1) length[t.row_index] = std::max(length[t.row_index], t.tree_index);
    const auto row = std::next(length.begin(), static_cast<long>(length.size() / 2));
    const int from = row->second / 2;
    for (Tree& t : survey.trees)
      if (t.block == 1 && t.row_index == row->first && t.tree_index >= from) t.ndre -= 0.06;
    judge_health(survey.trees);
    ++planted;
    for (const IrrigationFault& f : irrigation_faults(survey, {}))
      found += f.row_index == row->first && std::abs(f.from_tree - from) <= 2 &&
               f.kind == FaultKind::ToTheEnd;
  }
  std::printf("planted %d, found %d, told without one %d\n", planted, found, wrong);
  EXPECT_GE(found, planted - 1);
  EXPECT_LE(wrong, planted / 2);  // health of the synthetic orchards is clumped of itself
}

TEST(IrrigationFaults, files_hold_the_same_stretches) {
  const fs::path folder = fs::path(testing::TempDir()) / "irrigation_faults";
  fs::remove_all(folder);
  const Survey survey = drawn(R"(
      O O O O O O O O O O O O O O O O
      o o o o o o o o O O O O O O O O
      O O O O O O O O O O O O O O O O )");
  const auto faults = irrigation_faults(survey, {});
  const auto record = write_irrigation_faults(faults, survey, {}, folder);
  EXPECT_EQ(record["figures"]["stretches"], 1);
  EXPECT_NEAR(record["figures"]["length_m"], 7 * 4, 0.01);
  const VectorLayer lines = read_vector(folder / "irrigation.geojson");
  ASSERT_EQ(lines.features.size(), 1u);
  EXPECT_EQ(lines.features[0].points.size(), 8u);
  EXPECT_THAT(read_file(folder / "irrigation.gpx"), HasSubstr("<name>B1 R2 T9-16</name>"));
  EXPECT_THAT(read_file(folder / "irrigation.csv"), HasSubstr("likely blocked or cut near tree 9"));
  fs::remove_all(folder);
}

TEST(IrrigationFaults, a_survey_that_cannot_tell_gets_one_clear_line) {
  Survey survey = drawn("O O O O O\nO O O O O");
  const auto refusal = [&](const IrrigationOptions& options) {
    return error_of([&] { irrigation_faults(survey, options); });
  };
  EXPECT_THAT(refusal({.least_trees = 1}), HasSubstr("least-trees: 1 make no stretch"));
  EXPECT_THAT(refusal({.certainty = 0}), HasSubstr("finds everything"));
  for (Tree& tree : survey.trees) tree.health = NAN;
  EXPECT_THAT(refusal({}), HasSubstr("no tree of a row has a health"));
  survey.rows.clear();
  EXPECT_THAT(refusal({}), HasSubstr("no row was found"));
}

}  // namespace
}  // namespace canopy
