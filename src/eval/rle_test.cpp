// SPDX-License-Identifier: Apache-2.0
#include "eval/rle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

using ::testing::ElementsAre;

std::vector<std::uint8_t> random_mask(Random& random, int height, int width) {
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(height) * width);
  bool value = false;
  for (std::uint8_t& pixel : mask) {
    if (random.chance(0.2)) value = !value;
    pixel = value;
  }
  return mask;
}

TEST(Rle, runs_go_down_the_columns_and_begin_with_zeros) {
  const std::vector<std::uint8_t> mask = {0,
                                          1,
                                          0,  //
                                          0,
                                          1,
                                          1};
  EXPECT_THAT(rle_of_mask(mask, 2, 3).counts, ElementsAre(2, 2, 1, 1));
  EXPECT_THAT(rle_of_mask(std::vector<std::uint8_t>{1, 1, 1, 1}, 2, 2).counts, ElementsAre(0, 4));
  EXPECT_THAT(rle_of_mask(std::vector<std::uint8_t>(4), 2, 2).counts, ElementsAre(4));
}

TEST(Rle, a_mask_comes_back_as_it_went_in) {
  Random random(1);
  for (int i = 0; i < 50; ++i) {
    const int h = 1 + static_cast<int>(random.below(20)),
              w = 1 + static_cast<int>(random.below(20));
    const auto mask = random_mask(random, h, w);
    const Rle rle = rle_of_mask(mask, h, w);
    EXPECT_EQ(mask_of(rle), mask);
    EXPECT_EQ(area_px(rle), std::ranges::count(mask, 1));
    EXPECT_EQ(rle_from_compressed(compressed_counts(rle), h, w).counts, rle.counts);
  }
}

TEST(Rle, intersection_counts_the_pixels_that_both_hold) {
  Random random(2);
  for (int i = 0; i < 50; ++i) {
    const auto a = random_mask(random, 13, 17), b = random_mask(random, 13, 17);
    std::int64_t both = 0;
    for (std::size_t k = 0; k < a.size(); ++k) both += a[k] & b[k];
    EXPECT_EQ(intersection_px(rle_of_mask(a, 13, 17), rle_of_mask(b, 13, 17)), both);
  }
}

TEST(Rle, a_union_holds_the_pixels_of_either) {
  Random random(4);
  for (int i = 0; i < 50; ++i) {
    const auto a = random_mask(random, 13, 17), b = random_mask(random, 13, 17);
    std::vector<std::uint8_t> either(a.size());
    for (std::size_t k = 0; k < a.size(); ++k) either[k] = a[k] | b[k];
    EXPECT_EQ(union_of(rle_of_mask(a, 13, 17), rle_of_mask(b, 13, 17)).counts,
              rle_of_mask(either, 13, 17).counts);
  }
}

TEST(Rle, the_box_is_tight) {
  Random random(3);
  for (int i = 0; i < 50; ++i) {
    std::vector<std::uint8_t> mask(20 * 15);
    int x0 = 15, x1 = 0, y0 = 20, y1 = 0;
    for (int k = 0; k < 4; ++k) {
      const int x = static_cast<int>(random.below(15)), y = static_cast<int>(random.below(20));
      mask[static_cast<std::size_t>(y) * 15 + x] = 1;
      x0 = std::min(x0, x), x1 = std::max(x1, x + 1), y0 = std::min(y0, y),
      y1 = std::max(y1, y + 1);
    }
    const CocoBox box = box_of(rle_of_mask(mask, 20, 15));
    EXPECT_EQ(box.x, x0);
    EXPECT_EQ(box.y, y0);
    EXPECT_EQ(box.width, x1 - x0);
    EXPECT_EQ(box.height, y1 - y0);
  }
  EXPECT_EQ(box_of(rle_of_mask(std::vector<std::uint8_t>(4), 2, 2)).width, 0);
}

TEST(Rle, a_patch_is_cut_off_at_the_pictures_edge) {
  const std::vector<std::uint8_t> patch(9, 1);
  const Rle corner = rle_of_patch(patch, 3, 3, -1, -2, 4, 5);
  EXPECT_EQ(mask_of(corner), (std::vector<std::uint8_t>{1, 1, 0, 0, 0,  //
                                                        0, 0, 0, 0, 0,  //
                                                        0, 0, 0, 0, 0,  //
                                                        0, 0, 0, 0, 0}));
  EXPECT_EQ(area_px(rle_of_patch(patch, 3, 3, 3, 3, 4, 5)), 2);
  EXPECT_EQ(area_px(rle_of_patch(patch, 3, 3, 9, 9, 4, 5)), 0);
}

TEST(Rle, an_id_map_gives_each_object_its_mask) {
  const std::vector<std::int32_t> ids = {1,
                                         1,
                                         2,  //
                                         0,
                                         3,
                                         2};
  const std::vector<Rle> rles = rles_of_id_map(ids, 2, 3, 2);
  ASSERT_EQ(rles.size(), 2u);
  EXPECT_EQ(mask_of(rles[0]), (std::vector<std::uint8_t>{1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(mask_of(rles[1]), (std::vector<std::uint8_t>{0, 0, 1, 0, 0, 1}));
}

TEST(Rle, wrong_sizes_and_broken_texts_are_refused) {
  EXPECT_THROW(rle_of_mask(std::vector<std::uint8_t>(5), 2, 3), Error);
  EXPECT_THROW(rles_of_id_map(std::vector<std::int32_t>(5), 2, 3, 1), Error);
  const Rle a = rle_of_mask(std::vector<std::uint8_t>(6), 2, 3);
  const Rle b = rle_of_mask(std::vector<std::uint8_t>(6), 3, 2);
  EXPECT_THROW(intersection_px(a, b), Error);
  EXPECT_THROW(union_of(a, b), Error);
  using Counts = std::vector<std::int64_t>;
  EXPECT_THROW(rle_from_counts(Counts{2, 5}, 2, 3), Error);
  EXPECT_THROW(rle_from_counts(Counts{2, 3}, 2, 3), Error);
  EXPECT_THROW(rle_from_counts(Counts{7, -1}, 2, 3), Error);
  EXPECT_THAT(rle_from_counts(Counts{2, 3, 1}, 2, 3).counts, ElementsAre(2, 3, 1));
  EXPECT_THROW(rle_from_compressed("P", 2, 3), Error);     // a number that goes on
  EXPECT_THROW(rle_from_compressed("\x01", 2, 3), Error);  // no digit
  EXPECT_THROW(rle_from_compressed("5", 2, 3), Error);     // too few pixels
  EXPECT_THROW(rle_from_compressed("7", 2, 3), Error);     // too many
  EXPECT_EQ(rle_from_compressed("6", 2, 3).counts, a.counts);
}

}  // namespace
}  // namespace canopy
