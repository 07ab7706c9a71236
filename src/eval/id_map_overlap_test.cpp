// SPDX-License-Identifier: Apache-2.0
#include "eval/id_map_overlap.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

using Row = std::vector<std::uint32_t>;

TEST(IdMapOverlap, a_tree_under_another_number_is_the_same_tree) {
  IdMapOverlap overlap;
  overlap.add(Row{1, 1, 0, 2, 2, 0, 3, 3}, Row{7, 7, 0, 9, 9, 9, 0, 8});
  overlap.add(Row{1, 1, 0, 2, 2, 0, 3, 3}, Row{7, 7, 0, 9, 9, 0, 0, 0});
  const Counts counts = overlap.counts(0.5);
  EXPECT_EQ(counts.right, 2);
  EXPECT_EQ(counts.wrong, 1);
  EXPECT_EQ(counts.missed, 1);
  const auto pairs = overlap.matches(0.5);
  EXPECT_EQ(pairs[0].truth, 1u);
  EXPECT_EQ(pairs[0].found, 7u);
  EXPECT_NEAR(pairs[1].iou, 0.8, 1e-12);
  EXPECT_NEAR(overlap.area_error(0.5).bias_relative, 1.0 / 8, 1e-12);
}

TEST(IdMapOverlap, below_one_half_each_tree_is_still_taken_once) {
  IdMapOverlap overlap;
  overlap.add(Row{1, 1, 1, 1}, Row{5, 5, 6, 6});
  EXPECT_EQ(overlap.matches(0.4).size(), 1u);
  EXPECT_EQ(overlap.counts(0.4).wrong, 1);
}

TEST(IdMapOverlap, empty_maps_have_no_trees) {
  EXPECT_EQ(IdMapOverlap().counts(0.5).truth(), 0);
  EXPECT_EQ(IdMapOverlap().area_error(0.5).pairs, 0);
}

TEST(IdMapOverlap, rows_of_two_lengths_are_refused) {
  IdMapOverlap overlap;
  EXPECT_THROW(overlap.add(Row{1}, Row{1, 2}), Error);
  EXPECT_THROW(overlap.matches(0), Error);
}

}  // namespace
}  // namespace canopy
