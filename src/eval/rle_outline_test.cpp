// SPDX-License-Identifier: Apache-2.0
#include "eval/rle_outline.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

/// The mask as rows of '#' and '.'.
std::string drawn(const std::vector<double>& corners, int height, int width) {
  const auto mask = mask_of(rle_of_outline(corners, height, width));
  std::string text;
  for (int row = 0; row < height; ++row) {
    text += "\n";
    for (int column = 0; column < width; ++column) text += mask[row * width + column] ? '#' : '.';
  }
  return text;
}

// The pictures are what pycocotools 2.0.11 decodes of the same outlines.
TEST(RleOutline, a_square_holds_the_pixels_between_its_edges) {
  EXPECT_EQ(drawn({1, 1, 1, 4, 4, 4, 4, 1}, 6, 7), R"(
.......
.###...
.###...
.###...
.......
.......)");
}

TEST(RleOutline, corners_between_pixels_are_rounded_to_fifths) {
  EXPECT_EQ(drawn({0.3, 0.2, 6.7, 1.9, 2.45, 5.1}, 6, 8), R"(
.#......
.####...
.#####..
..###...
..#.....
........)");
}

TEST(RleOutline, what_lies_beyond_the_picture_is_cut_off) {
  EXPECT_EQ(drawn({-5, -3, 20, -2.5, 9, 30}, 2, 8), "\n########\n########");
  EXPECT_EQ(drawn({20, 20, 25, 20, 25, 25}, 2, 3), "\n...\n...");
}

TEST(RleOutline, a_bow_tie_is_two_triangles) {
  EXPECT_EQ(drawn({1, 1, 7, 5, 7, 1, 1, 5}, 7, 9), R"(
.........
.#....#..
.##..##..
.##..##..
.#....#..
.........
.........)");
}

TEST(RleOutline, corners_given_twice_change_nothing) {
  EXPECT_EQ(drawn({2, 2, 2, 2, 2, 6, 6, 6, 6, 6, 6, 2, 2, 2}, 8, 8),
            drawn({2, 2, 2, 6, 6, 6, 6, 2}, 8, 8));
}

TEST(RleOutline, a_notch_stays_open) {
  EXPECT_EQ(drawn({0, 0, 8, 0, 8, 8, 4, 2.2, 0, 8}, 9, 9), R"(
########.
########.
########.
###..###.
##....##.
##....##.
#......#.
.........
.........)");
}

TEST(RleOutline, what_goes_forth_and_back_holds_nothing) {
  EXPECT_EQ(rle_of_outline(std::vector<double>{1, 1, 5, 5, 1, 1}, 7, 7).counts,
            std::vector<std::uint32_t>{49});
}

TEST(RleOutline, too_few_corners_and_corners_far_off_are_refused) {
  EXPECT_THROW(rle_of_outline(std::vector<double>{1, 1, 5, 5}, 7, 7), Error);
  EXPECT_THROW(rle_of_outline(std::vector<double>{1, 1, 5, 5, 1, 2, 3}, 7, 7), Error);
  EXPECT_THROW(rle_of_outline(std::vector<double>{1, 1, 5, 5, 1, 2e6}, 7, 7), Error);
}

}  // namespace
}  // namespace canopy
