// SPDX-License-Identifier: Apache-2.0
#include "nn/matching.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/boxes.h"

namespace canopy {
namespace {

at::Tensor random_boxes(std::int64_t count, std::uint64_t seed) {
  at::Tensor boxes = at::empty({count, 4});
  float* box = boxes.mutable_data_ptr<float>();
  Random random(seed);
  for (std::int64_t i = 0; i < count; ++i, box += 4) {
    box[0] = static_cast<float>(random.below(60)), box[1] = static_cast<float>(random.below(60));
    box[2] = box[0] + 4 + static_cast<float>(random.below(20)),
    box[3] = box[1] + 4 + static_cast<float>(random.below(20));
  }
  return boxes;
}

TEST(Matching, agrees_with_the_matrix_of_all_overlaps) {
  const at::Tensor truth = random_boxes(30, 1), boxes = random_boxes(3000, 2);
  const auto matches = match_boxes(truth, boxes, {0.7, 0.3, true});
  const at::Tensor iou = box_iou(truth, boxes);
  const auto [best, index] = iou.max(0);
  const at::Tensor forced = iou.eq(std::get<0>(iou.max(1)).unsqueeze(1)).any(0);
  for (std::int64_t i = 0; i < boxes.size(0); ++i) {
    const float value = best[i].item<float>();
    const std::int64_t wanted = forced[i].item<bool>() || value >= 0.7f
                                    ? index[i].item<std::int64_t>()
                                : value < 0.3f ? kBackground
                                               : kUndecided;
    ASSERT_EQ(matches[i], wanted) << i;
  }
}

TEST(Matching, without_true_boxes_all_is_background) {
  for (std::int64_t match : match_boxes(at::zeros({0, 4}), random_boxes(5, 1), {0.7, 0.3, true}))
    EXPECT_EQ(match, kBackground);
}

/// A square of this side around a place.
std::vector<float> square(float x, float y, float side) {
  return {x - side / 2, y - side / 2, x + side / 2, y + side / 2};
}

at::Tensor squares(const std::vector<std::vector<float>>& all) {
  at::Tensor boxes = at::empty({std::ssize(all), 4});
  for (std::size_t i = 0; i < all.size(); ++i)
    std::copy_n(all[i].data(), 4, boxes.mutable_data_ptr<float>() + 4 * i);
  return boxes;
}

TEST(Matching, a_box_stands_for_the_place_in_its_middle) {
  const at::Tensor places = squares({square(100, 100, 40), square(140, 100, 40)});
  const at::Tensor boxes = squares({square(100, 100, 40),
                                    square(105, 96, 40),   // an eighth of its side away
                                    square(136, 100, 24),  // smaller, nearer to the second
                                    square(100, 100, 79),  // up to twice as wide
                                    square(110, 100, 40),  // a quarter away
                                    square(100, 100, 100),
                                    square(120, 100, 40),  // between both
                                    square(100, 100, 130),
                                    square(100, 100, 12)});
  EXPECT_EQ(
      match_points(places, boxes),
      (std::vector<std::int64_t>{
          0, 0, kUndecided, 0, kUndecided, kUndecided, kBackground, kBackground, kBackground}));
  EXPECT_EQ(match_points(squares({}).view({0, 4}), boxes[0].view({1, 4}))[0], kBackground);
}

TEST(Matching, of_places_agrees_with_overlaps_where_sizes_do) {
  const at::Tensor places = squares({square(60, 60, 20)});
  Random random(4);
  for (int i = 0; i < 2000; ++i) {
    const auto x = static_cast<float>(random.uniform(45, 75)),
               y = static_cast<float>(random.uniform(45, 75));
    const at::Tensor box = squares({square(x, y, 20)});
    const double iou = box_iou(places, box).item<double>();
    const std::int64_t match = match_points(places, box)[0];
    EXPECT_TRUE(match != 0 || iou > 0.56) << x << ' ' << y;
    EXPECT_TRUE(match != kBackground || iou < 0.49) << x << ' ' << y;
  }
}

TEST(Matching, boxes_mostly_in_an_ignored_region_are_left_out) {
  at::Tensor ignore = at::zeros({32, 32}, at::kBool);
  ignore.slice(1, 16, 32).fill_(true);
  const at::Tensor boxes =
      at::tensor({0.f,   0.f,  10.f, 10.f,   // free
                  8.f,   0.f,  24.f, 10.f,   // exactly half
                  9.f,   0.f,  25.f, 10.f,   // a little more
                  20.f,  20.f, 30.f, 30.f,   // wholly ignored
                  -40.f, 0.f,  30.f, 10.f})  // beyond the edge: its visible part counts
          .view({5, 4});
  std::vector<std::int64_t> matches = {0, kBackground, kBackground, 1, kBackground};
  leave_out_ignored(ignore, boxes, matches);
  EXPECT_EQ(matches,
            (std::vector<std::int64_t>{0, kBackground, kUndecided, kUndecided, kBackground}));
  leave_out_ignored({}, boxes, matches);
  EXPECT_EQ(matches[0], 0);
}

TEST(Matching, a_sample_is_balanced_and_a_function_of_its_seed) {
  std::vector<std::int64_t> matches;
  for (int i = 0; i < 1000; ++i)
    matches.push_back(i % 10 == 0 ? 3 : i % 10 == 1 ? kUndecided : kBackground);
  const Sample a = sample_matches(matches, 64, 0.5, Random(1)),
               b = sample_matches(matches, 64, 0.5, Random(1)),
               c = sample_matches(matches, 64, 0.5, Random(2));
  EXPECT_EQ(a.positive.size(), 32u);
  EXPECT_EQ(a.negative.size(), 32u);
  EXPECT_EQ(a.positive, b.positive);
  EXPECT_EQ(a.negative, b.negative);
  EXPECT_NE(a.negative, c.negative);
  for (std::int64_t i : a.positive) EXPECT_EQ(matches[i], 3);
  for (std::int64_t i : a.negative) EXPECT_EQ(matches[i], kBackground);
  const Sample few = sample_matches({0, kBackground, 2}, 64, 0.5, Random(1));
  EXPECT_EQ(few.positive.size(), 2u);
  EXPECT_EQ(few.negative.size(), 1u);
}

}  // namespace
}  // namespace canopy
