// SPDX-License-Identifier: Apache-2.0
#include "insight/health.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"

namespace canopy {
namespace {

std::vector<Tree> block_of(int count, double ndre, double ndvi, int block = 1) {
  std::vector<Tree> trees;
  Random random(1);
  for (int k = 0; k < count; ++k) {
    Tree tree;
    tree.id = k + 1;
    tree.block = block;
    tree.ndre = ndre + random.normal(0, 0.02);
    tree.ndvi = ndvi + random.normal(0, 0.02);
    trees.push_back(tree);
  }
  return trees;
}

TEST(Health, an_even_block_is_good_throughout) {
  auto trees = block_of(100, 0.3, 0.75);
  judge_health(trees);
  int good = 0;
  for (const Tree& tree : trees) good += tree.health_class == HealthClass::Good;
  EXPECT_GE(good, 98);
}

TEST(Health, a_sick_tree_is_poor_whatever_the_block_and_many_sick_trees_do_not_hide_each_other) {
  for (const double level : {0.15, 0.45}) {
    auto trees = block_of(100, level, 0.75);
    for (int k = 0; k < 15; ++k) trees[static_cast<std::size_t>(k)].ndre = level - 0.12;
    judge_health(trees);
    for (std::size_t k = 0; k < 15; ++k) {
      EXPECT_EQ(trees[k].health_class, HealthClass::Poor);
      EXPECT_LT(trees[k].health, 0.5);
      EXPECT_EQ(trees[k].status, TreeStatus::Alive);
    }
  }
}

TEST(Health, each_block_is_its_own_measure) {
  auto trees = block_of(50, 0.4, 0.8, 1);
  for (const Tree& tree : block_of(50, 0.2, 0.6, 2)) trees.push_back(tree);
  judge_health(trees);
  for (const Tree& tree : trees) EXPECT_NE(tree.health_class, HealthClass::Poor);
}

TEST(Health, bare_wood_is_dead) {
  auto trees = block_of(50, 0.3, 0.75);
  trees[7].ndvi = 0.2;
  trees[9].status = TreeStatus::Dead;  // the model said so
  judge_health(trees);
  EXPECT_EQ(trees[7].status, TreeStatus::Dead);
  EXPECT_EQ(trees[7].health, 0);
  EXPECT_EQ(trees[9].status, TreeStatus::Dead);
  EXPECT_EQ(trees[9].health_class, HealthClass::Poor);
}

TEST(Health, without_bands_or_with_few_trees_nothing_is_claimed) {
  auto blind = block_of(50, NAN, NAN);
  judge_health(blind);
  EXPECT_EQ(blind[3].health_class, HealthClass::Unknown);
  EXPECT_TRUE(std::isnan(blind[3].health));
  auto few = block_of(5, 0.3, 0.75);
  judge_health(few);
  EXPECT_EQ(few[3].health_class, HealthClass::Unknown);
}

TEST(Health, without_a_red_edge_ndvi_tells) {
  auto trees = block_of(50, NAN, 0.75);
  trees[4].ndvi = 0.5;
  judge_health(trees);
  EXPECT_EQ(trees[4].health_class, HealthClass::Poor);
  EXPECT_EQ(trees[5].health_class, HealthClass::Good);
}

}  // namespace
}  // namespace canopy
