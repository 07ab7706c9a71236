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
