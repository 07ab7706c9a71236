// SPDX-License-Identifier: Apache-2.0
#include "orchard/planting.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include <gtest/gtest.h>

namespace canopy {
namespace {

Planting planted(const std::string& preset, std::int64_t seed) {
  SyntheticOptions options;
  options.preset = preset;
  options.seed = seed;
  return plant_trees(plan_orchard(options));
}

constexpr std::int64_t kSeeds = 8;

double missing_share(const Planting& p) {
  return static_cast<double>(p.gaps.size()) / static_cast<double>(p.gaps.size() + p.trees.size());
}

TEST(Planting, the_share_of_missing_places_is_that_of_the_preset) {
  for (std::int64_t seed = 1; seed <= kSeeds; ++seed) {
    EXPECT_NEAR(missing_share(planted("square", seed)), 0.03, 0.005);
    EXPECT_NEAR(missing_share(planted("contour", seed)), 0.08, 0.005);
    EXPECT_NEAR(missing_share(planted("sparse", seed)), 1.0 / 3, 0.04);
  }
}

TEST(Planting, citrus_and_walnuts_touch_as_often_as_they_should) {
  for (std::int64_t seed = 1; seed <= kSeeds; ++seed) {
    EXPECT_NEAR(touching_share(planted("citrus", seed).trees), 0.30, 0.02) << seed;
    EXPECT_NEAR(touching_share(planted("nets", seed).trees), 0.30, 0.02) << seed;
    EXPECT_NEAR(touching_share(planted("walnuts", seed).trees), 0.40, 0.12) << seed;
  }
}

TEST(Planting, walnuts_reach_hundreds_of_square_metres_and_no_more_than_654) {
  for (std::int64_t seed = 1; seed <= kSeeds; ++seed) {
    double widest = 0;
    for (const SyntheticTree& tree : planted("walnuts", seed).trees)
      widest = std::max(widest, std::numbers::pi * tree.radius_m * tree.radius_m);
    EXPECT_GE(widest, 400) << seed;
    EXPECT_LE(widest, 654) << seed;
  }
}

TEST(Planting, vines_are_half_a_metre_wide) {
  for (std::int64_t seed = 1; seed <= kSeeds; ++seed) {
    const Planting vines = planted("vines", seed);
    double sum = 0;
    for (const SyntheticTree& tree : vines.trees) sum += 2 * tree.radius_m;
    EXPECT_NEAR(sum / static_cast<double>(vines.trees.size()), 0.5, 0.08);
  }
}

TEST(Planting, sick_orchards_have_their_dead_sick_and_stray_trees) {
  for (std::int64_t seed = 1; seed <= kSeeds; ++seed) {
    const Planting sick = planted("sick", seed);
    const auto share = [&](auto&& is) {
      return static_cast<double>(std::ranges::count_if(sick.trees, is)) /
             static_cast<double>(sick.trees.size());
    };
    EXPECT_NEAR(
        share([](const SyntheticTree& t) { return t.status == TreeStatus::Dead; }), 0.05, 0.01);
    EXPECT_NEAR(
        share([](const SyntheticTree& t) { return t.health > 0 && t.health < 0.5; }), 0.15, 0.02);
    EXPECT_NEAR(share([](const SyntheticTree& t) { return t.is_stray; }), 0.02, 0.01);
  }
}

TEST(Planting, spacings_lie_within_15_percent_and_change_with_the_seed) {
  std::set<double> spacings, angles;
  for (std::int64_t seed = 1; seed <= kSeeds; ++seed) {
    const Block block = planted("citrus", seed).blocks.front();
    EXPECT_NEAR(block.row_spacing_m, 6, 0.9 + 1e-9);
    EXPECT_NEAR(block.tree_spacing_m, 3, 0.45 + 1e-9);
    EXPECT_GE(block.row_angle_deg, 0);
    EXPECT_LT(block.row_angle_deg, 180);
    spacings.insert(block.row_spacing_m);
    angles.insert(block.row_angle_deg);
  }
  EXPECT_EQ(spacings.size(), static_cast<std::size_t>(kSeeds));
  EXPECT_EQ(angles.size(), static_cast<std::size_t>(kSeeds));
}

/// Trees and gaps by row, then by number.
std::map<std::pair<int, int>, std::map<int, std::pair<Point, bool>>> stops(const Planting& p) {
  std::map<std::pair<int, int>, std::map<int, std::pair<Point, bool>>> rows;
  for (const SyntheticTree& t : p.trees)
    if (!t.is_stray)
      rows[{t.block, t.row_index}].emplace(t.tree_index, std::pair(t.position, true));
  for (const Gap& g : p.gaps)
    rows[{g.block, g.row_index}].emplace(g.tree_index, std::pair(g.position, false));
  return rows;
}

TEST(Planting, every_row_starts_and_ends_with_a_tree_and_counts_without_holes) {
  for (const std::string& preset : synthetic_presets()) {
    if (preset == "walnuts") continue;  // giants swallow places
    const Planting planting = planted(preset, 3);
    int last_row = 0, last_block = 0;
    for (const auto& [key, row] : stops(planting)) {
      EXPECT_EQ(row.begin()->first, 1) << preset;
      EXPECT_EQ(row.rbegin()->first, static_cast<int>(row.size())) << preset;
      EXPECT_TRUE(row.begin()->second.second && row.rbegin()->second.second) << preset;
      EXPECT_EQ(key.second, key.first == last_block ? last_row + 1 : 1) << preset;
      last_block = key.first;
      last_row = key.second;
    }
  }
}

TEST(Planting, numbers_grow_away_from_the_south_east) {
  for (std::int64_t seed = 1; seed <= kSeeds; ++seed) {
    const Planting planting = planted("offset", seed);
    const RowFrame frame = row_frame(planting.blocks.front().row_angle_deg);
    const auto rows = stops(planting);
    double last = -1e300;
    for (const auto& [key, row] : rows) {
      const Point &first = row.begin()->second.first, &end = row.rbegin()->second.first;
      if (row.size() > 1) {
        EXPECT_GT((end.x - first.x) * frame.along.x + (end.y - first.y) * frame.along.y, 0);
      }
      const double across = first.x * frame.across.x + first.y * frame.across.y;
      EXPECT_GT(across, last);
      last = across;
    }
  }
}

TEST(Planting, runs_of_missing_trees_are_two_to_six_long_in_sparse) {
  for (const auto& [key, row] : stops(planted("sparse", 5))) {
    int run = 0;
    for (const auto& [index, stop] : row) {
      if (stop.second) {
        EXPECT_TRUE(run == 0 || (run >= 2 && run <= 6)) << run;
        run = 0;
      } else {
        ++run;
      }
    }
  }
}

TEST(Planting, trees_stand_inside_their_block_and_two_blocks_lie_apart) {
  for (std::int64_t seed = 1; seed <= kSeeds; ++seed) {
    const OrchardPlan plan = plan_orchard({.preset = "two_blocks", .seed = seed});
    const Planting planting = plant_trees(plan);
    ASSERT_EQ(planting.blocks.size(), 2u);
    for (const SyntheticTree& tree : planting.trees) {
      EXPECT_GT(plan.blocks[static_cast<std::size_t>(tree.block) - 1].outline.depth(tree.position),
                0);
      EXPECT_LT(plan.blocks[static_cast<std::size_t>(2 - tree.block)].outline.depth(tree.position),
                -3);
    }
    EXPECT_NE(planting.blocks[0].row_angle_deg, planting.blocks[1].row_angle_deg);
  }
}

TEST(Planting, no_gap_lies_under_a_giant) {
  for (std::int64_t seed = 1; seed <= kSeeds; ++seed) {
    const Planting walnuts = planted("walnuts", seed);
    for (const SyntheticTree& tree : walnuts.trees)
      for (const Gap& gap : walnuts.gaps)
        EXPECT_GT(std::hypot(gap.position.x - tree.position.x, gap.position.y - tree.position.y),
                  tree.radius_m > 8.7 ? 0.97 * tree.radius_m : 0);
  }
}

TEST(Planting, ids_are_one_and_up) {
  const Planting planting = planted("sick", 2);
  for (std::size_t i = 0; i < planting.trees.size(); ++i)
    EXPECT_EQ(planting.trees[i].id, static_cast<std::int64_t>(i) + 1);
}

}  // namespace
}  // namespace canopy
