// SPDX-License-Identifier: Apache-2.0
#include "eval/overlap.h"

#include <numeric>

#include <gtest/gtest.h>

#include "base/random.h"

namespace canopy {
namespace {

/// Boxes of 1 to 30 px strewn over 100 x 100 px, each with itself as its mask.
Scene strewn(Random& random, int count) {
  Scene scene;
  const auto draw = [&](CocoBox& box, Rle& mask) {
    const auto one = [&](int limit) { return static_cast<int>(random.below(limit)); };
    const int x = one(70), y = one(70), width = 1 + one(30), height = 1 + one(30);
    box = {static_cast<double>(x),
           static_cast<double>(y),
           static_cast<double>(width),
           static_cast<double>(height)};
    mask =
        rle_of_patch(std::vector<std::uint8_t>(width * height, 1), height, width, x, y, 100, 100);
  };
  for (int i = 0; i < count; ++i) {
    scene.truth.emplace_back();
    draw(scene.truth.back().box, scene.truth.back().mask);
    scene.truth.back().is_crowd = random.chance(0.2);
    scene.found.emplace_back();
    draw(scene.found.back().box, scene.found.back().mask);
  }
  return scene;
}

std::vector<int> all_found(const Scene& scene) {
  std::vector<int> all(scene.found.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// By its definition, one pair at a time.
double iou(const TruthTree& truth, const FoundTree& found) {
  const auto shared = static_cast<double>(intersection_px(truth.mask, found.mask));
  const auto own = static_cast<double>(area_px(found.mask));
  return truth.is_crowd ? shared / own
                        : shared / (own + static_cast<double>(area_px(truth.mask)) - shared);
}

TEST(Overlap, every_pair_that_shares_a_pixel_is_there_in_the_order_of_truth) {
  Random random(5);
  const Scene scene = strewn(random, 60);
  for (const Overlap kind : {Overlap::Box, Overlap::Mask})
    for (const double least : {0.0, 0.25, 0.5}) {
      const OverlapLists lists =
          overlaps(scene, all_found(scene), {.kind = kind, .least_iou = least});
      ASSERT_EQ(lists.size(), 60u);
      for (std::size_t f = 0; f < 60; ++f) {
        std::vector<OverlapPair> expected;
        for (int t = 0; t < 60; ++t)
          if (const double v = iou(scene.truth[t], scene.found[f]); v > 0 && v >= least)
            expected.push_back({t, v});
        ASSERT_EQ(lists[f].size(), expected.size()) << "found " << f << ", least " << least;
        for (std::size_t i = 0; i < expected.size(); ++i) {
          EXPECT_EQ(lists[f][i].truth, expected[i].truth);
          EXPECT_EQ(lists[f][i].iou, expected[i].iou);
        }
      }
    }
}

TEST(Overlap, another_category_is_compared_on_request_alone) {
  Random random(6);
  Scene scene = strewn(random, 1);
  scene.found[0].box = scene.truth[0].box;
  scene.found[0].category = 2;
  EXPECT_TRUE(overlaps(scene, all_found(scene), {})[0].empty());
  EXPECT_EQ(overlaps(scene, all_found(scene), {.any_category = true})[0].size(), 1u);
}

}  // namespace
}  // namespace canopy
