// SPDX-License-Identifier: Apache-2.0
#include "insight/planting_pattern.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "insight/planted_for_test.h"

namespace canopy {
namespace {

double any_angle(std::uint64_t seed) { return Random(seed, 3).uniform(0, 180); }

/// Adds up what was found over several seeds and prints one line of it.
struct Sum {
  PlantedScore all;
  double least_ari = 1;

  void operator+=(const PlantedScore& one) {
    all.found += one.found;
    all.right += one.right;
    all.neither += one.neither;
    all.wanted += one.wanted;
    all.met += one.met;
    all.errors.insert(all.errors.end(), one.errors.begin(), one.errors.end());
    least_ari = std::min(least_ari, one.ari);
  }
  void print(const char* name) const {
    std::printf(
        "%-22s missing %5d  precision %.4f  recall %.4f  median error %.3f m  least row ARI %.4f\n",
        name,
        all.wanted,
        all.precision(),
        all.recall(),
        all.median_error(),
        least_ari);
  }
};

template <class Make>
Sum over_seeds(const char* name, int seeds, Make make) {
  Sum sum;
  for (int seed = 1; seed <= seeds; ++seed) {
    const Planted planted = make(static_cast<std::uint64_t>(seed));
    sum += score(planted, find_planting_pattern(planted.trees));
  }
  sum.print(name);
  return sum;
}

TEST(PlantingPattern, a_rectangular_block_at_any_angle_gives_its_rows_and_missing_trees) {
  const Sum sum = over_seeds("rectangular", 8, [](std::uint64_t seed) {
    return plant(
        20, 40, 3, straight(5, 3, any_angle(seed)), {.jitter = 0.05, .missing = 0.04}, seed);
  });
  EXPECT_EQ(sum.all.precision(), 1);
  EXPECT_GE(sum.all.recall(), 0.95);
  EXPECT_LE(sum.all.median_error(), 0.3);
  EXPECT_GE(sum.least_ari, 0.98);
}

TEST(PlantingPattern, curved_rows_are_followed) {
  const Sum sum = over_seeds("contour", 6, [](std::uint64_t seed) {
    const double phase = Random(seed, 5).uniform(0, 6);
    return plant(
        24,
        40,
        3,
        [=](int r, int k) {
          return Point{k * 3.0, r * 5.0 + 6 * std::sin(k * 0.12 + phase)};
        },
        {.jitter = 0.05, .missing = 0.08},
        seed);
  });
  EXPECT_GE(sum.all.precision(), 0.99);
  EXPECT_GE(sum.all.recall(), 0.93);
  EXPECT_GE(sum.least_ari, 0.98);
}

TEST(PlantingPattern, false_lost_and_doubled_detections_do_not_make_missing_trees) {
  const Mishaps mishaps{
      .jitter = 0.05, .missing = 0.04, .lost = 0.02, .imagined = 0.02, .doubled = 0.01};
  Sum sum;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    for (const auto& place :
         {straight(5, 3, any_angle(seed)), straight(3, 3, any_angle(seed + 50), 0.5)}) {
      const Planted planted = plant(20, 24, 3, place, mishaps, seed);
      sum += score(planted, find_planting_pattern(planted.trees));
    }
  }
  sum.print("with mishaps");
  EXPECT_GE(sum.all.precision(), 0.98);
  EXPECT_GE(sum.all.recall(), 0.9);
}

TEST(PlantingPattern, a_third_missing_in_runs_is_still_one_block) {
  const Sum sum = over_seeds("sparse", 4, [](std::uint64_t seed) {
    return plant(20,
                 30,
                 4,
                 straight(6, 4, any_angle(seed)),
                 {.jitter = 0.03, .missing = 0.33, .in_runs = true},
                 seed);
  });
  EXPECT_GE(sum.all.precision(), 0.99);
  EXPECT_GE(sum.all.recall(), 0.85);
  EXPECT_GE(sum.least_ari, 0.98);
}

TEST(PlantingPattern, two_blocks_with_a_headland_keep_their_own_patterns) {
  Planted both = plant(14, 20, 3, straight(5, 3, 0), {.jitter = 0.03, .missing = 0}, 1);
  const std::size_t first = both.trees.size();
  const Planted other = plant(
      16,
      14,
      5,
      [](int r, int k) {
        const Point p = straight(5, 5, 35)(r, k);
        return Point{p.x + 120, p.y - 10};
      },
      {.jitter = 0.03, .missing = 0},
      2);
  both.trees.insert(both.trees.end(), other.trees.begin(), other.trees.end());
  const PlantingPattern pattern = find_planting_pattern(both.trees);
  ASSERT_EQ(pattern.blocks.size(), 2u);
  EXPECT_TRUE(pattern.missing.empty());
  std::size_t agree = 0;
  for (std::size_t k = 0; k < both.trees.size(); ++k)
    agree += pattern.places[k].block == pattern.places[k < first ? 0 : first].block;
  EXPECT_GE(agree, both.trees.size() - 2);
}

TEST(PlantingPattern, numbers_count_from_the_south_east_corner_and_gaps_have_one) {
  // Rows run east-west: row 1 is the southernmost, tree 1 the easternmost.
  Planted planted = plant(8, 12, 3, straight(5, 3, 0), {.jitter = 0.01, .missing = 0}, 1);
  planted.trees.erase(planted.trees.begin() + 2 * 12 + 8);  // third row, ninth tree from the west
  const PlantingPattern pattern = find_planting_pattern(planted.trees);
  ASSERT_EQ(pattern.rows.size(), 8u);
  ASSERT_EQ(pattern.missing.size(), 1u);
  EXPECT_EQ(pattern.missing[0].row_index, 3);
  EXPECT_EQ(pattern.missing[0].tree_index, 4);
  EXPECT_EQ(pattern.places[11].row_index, 1);
  EXPECT_EQ(pattern.places[11].tree_index, 1);
  EXPECT_EQ(pattern.places[0].tree_index, 12);
  EXPECT_EQ(pattern.places.back().row_index, 8);
  EXPECT_EQ(pattern.blocks[0].pattern, "rectangular");
  EXPECT_NEAR(pattern.blocks[0].row_spacing_m, 5, 0.05);
  EXPECT_NEAR(pattern.blocks[0].tree_spacing_m, 3, 0.03);
  EXPECT_NEAR(area_of(pattern.blocks[0].outline), (7 * 5 + 5) * (11 * 3 + 5), 0.1 * 40 * 38);
}

TEST(PlantingPattern, patterns_get_their_names) {
  const auto name = [](double row_m, double tree_m, double shift) {
    const Planted planted = plant(16,
                                  24,
                                  std::min(row_m, tree_m),
                                  straight(row_m, tree_m, 20, shift),
                                  {.jitter = 0.03, .missing = 0.02},
                                  1);
    return find_planting_pattern(planted.trees).blocks.at(0).pattern;
  };
  EXPECT_EQ(name(5, 5, 0), "square");
  EXPECT_EQ(name(6, 4, 0), "rectangular");
  EXPECT_EQ(name(6, 6, 0.5), "quincunx");
  EXPECT_EQ(name(3, 0.6, 0), "hedge");
}

TEST(PlantingPattern, random_trees_have_no_pattern) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Random random(seed);
    std::vector<Point> trees;
    for (int k = 0; k < 400; ++k) trees.push_back({random.uniform(0, 100), random.uniform(0, 100)});
    const PlantingPattern pattern = find_planting_pattern(trees);
    EXPECT_TRUE(pattern.rows.empty());
    EXPECT_TRUE(pattern.missing.empty());
    ASSERT_EQ(pattern.blocks.size(), 1u);
    EXPECT_EQ(pattern.blocks[0].pattern, "none");
  }
}

TEST(PlantingPattern, an_empty_survey_and_three_trees_are_no_orchard) {
  EXPECT_TRUE(find_planting_pattern({}).blocks.empty());
  const PlantingPattern three = find_planting_pattern({{0, 0}, {5, 0}, {10, 0}});
  EXPECT_TRUE(three.rows.empty());
  EXPECT_EQ(three.blocks.at(0).pattern, "none");
}

TEST(PlantingPattern, a_position_that_is_no_number_is_refused_by_its_tree) {
  try {
    find_planting_pattern({{0, 0}, {std::numeric_limits<double>::quiet_NaN(), 0}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    EXPECT_THAT(error.what(), testing::HasSubstr("tree 2: its position is not a number"));
  }
}

TEST(PlantingPattern, trees_on_one_line_are_a_row_but_no_lattice) {
  std::vector<Point> trees;
  for (int k = 0; k < 40; ++k) trees.push_back({3.0 * k + 0.05 * (k % 3), 0.04 * (k % 5)});
  const PlantingPattern pattern = find_planting_pattern(trees);
  EXPECT_TRUE(pattern.missing.empty());
  EXPECT_EQ(pattern.blocks.at(0).pattern, "none");
  ASSERT_EQ(pattern.rows.size(), 1u);
  EXPECT_EQ(pattern.rows[0].tree_ids.size(), 40u);
  EXPECT_EQ(pattern.places[39].tree_index, 1);  // from the east
}

TEST(PlantingPattern, areas_for_some_trees_only_are_refused) {
  EXPECT_THROW(find_planting_pattern({{0, 0}, {1, 1}}, {3}), Error);
}

TEST(PlantingPattern, a_survey_gets_numbers_rows_and_gaps_by_tree_id) {
  Planted planted = plant(8, 12, 3, straight(5, 3, 30), {.jitter = 0.01, .missing = 0}, 1);
  planted.trees.erase(planted.trees.begin() + 40);
  Survey survey;
  for (std::size_t k = 0; k < planted.trees.size(); ++k) {
    Tree tree;
    tree.id = 100 + static_cast<std::int64_t>(k);
    tree.position = planted.trees[k];
    tree.area_m2 = 4;
    survey.trees.push_back(tree);
  }
  add_planting_pattern(survey);
  EXPECT_EQ(survey.rows.size(), 8u);
  EXPECT_EQ(survey.missing.size(), 1u);
  for (const Row& row : survey.rows)
    for (std::int64_t id : row.tree_ids)
      EXPECT_EQ(survey.trees.at(static_cast<std::size_t>(id - 100)).row_index, row.row_index);
}

TEST(PlantingPattern, two_trees_at_one_position_are_refused) {
  try {
    find_planting_pattern({{1, 2}, {5, 0}, {1, 2}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr("tree 3: another tree stands at the same position"));
  }
}

}  // namespace
}  // namespace canopy
