// SPDX-License-Identifier: Apache-2.0
#include "eval/tree_centre.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

Rle filled(int x, int y, int width, int height) {
  return rle_of_patch(std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height, 1),
                      height,
                      width,
                      x,
                      y,
                      20,
                      30);
}

TEST(TreeCentre, a_box_stands_at_its_middle_and_a_mask_at_the_mean_of_its_pixels) {
  const FoundTree tree = {{4, 6, 10, 2}, filled(1, 2, 4, 6), 1, 1};
  EXPECT_EQ(centre_of(tree, Overlap::Box).x, 9);
  EXPECT_EQ(centre_of(tree, Overlap::Box).y, 7);
  EXPECT_DOUBLE_EQ(centre_of(tree, Overlap::Mask).x, 3);
  EXPECT_DOUBLE_EQ(centre_of(tree, Overlap::Mask).y, 5);
}

TEST(TreeCentre, a_run_over_several_columns_is_counted_column_by_column) {
  // Two whole columns are one run of the mask.
  const FoundTree tree = {{0, 0, 1, 1}, filled(7, 0, 2, 20), 1, 1};
  EXPECT_EQ(tree.mask.counts.size(), 3u);
  EXPECT_DOUBLE_EQ(centre_of(tree, Overlap::Mask).x, 8);
  EXPECT_DOUBLE_EQ(centre_of(tree, Overlap::Mask).y, 10);
}

TEST(TreeCentre, without_a_mask_the_box_tells) {
  EXPECT_EQ(centre_of({{4, 6, 10, 2}, {}, 1, 1}, Overlap::Mask).x, 9);
  EXPECT_EQ(centre_of({{4, 6, 10, 2}, filled(0, 0, 0, 0), 1, 1}, Overlap::Mask).y, 7);
}

TEST(TreeCentre, a_mask_holds_its_pixels_and_nothing_beyond_the_picture) {
  const Rle mask = filled(28, 18, 2, 2);
  EXPECT_TRUE(holds(mask, {28, 18}));
  EXPECT_TRUE(holds(mask, {29.9, 19.9}));
  EXPECT_FALSE(holds(mask, {27.9, 18}));
  EXPECT_FALSE(holds(mask, {30, 19}));
  EXPECT_FALSE(holds(mask, {-1, -1}));
  EXPECT_FALSE(holds(Rle{}, {0, 0}));
}

}  // namespace
}  // namespace canopy
