// SPDX-License-Identifier: Apache-2.0
#include "nn/one_tree_per_pixel.h"

#include <functional>
#include <map>
#include <set>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

constexpr int kSize = 96;

/// Detections whose masks are given as functions of the pixel.
struct Found {
  std::vector<at::Tensor> boxes, masks;
  std::vector<float> scores;

  void add(double x0,
           double y0,
           double x1,
           double y1,
           float score,
           const std::function<double(double, double)>& probability) {
    at::Tensor mask = at::empty({28, 28});
    for (int j = 0; j < 28; ++j)
      for (int i = 0; i < 28; ++i)
        mask.mutable_data_ptr<float>()[j * 28 + i] = static_cast<float>(
            probability(x0 + (i + 0.5) * (x1 - x0) / 28, y0 + (j + 0.5) * (y1 - y0) / 28));
    boxes.push_back(at::tensor({x0, y0, x1, y1}, at::kFloat));
    masks.push_back(mask);
    scores.push_back(score);
  }
  void add_disc(double cx, double cy, double radius, float score) {
    add(cx - radius, cy - radius, cx + radius, cy + radius, score, [=](double x, double y) {
      return std::clamp(0.5 + (radius - std::hypot(x - cx, y - cy)) / 4, 0.0, 1.0);
    });
  }
  TileLabels assign(const AssignOptions& options = {}) const {
    const auto count = static_cast<std::int64_t>(scores.size());
    if (count == 0)
      return one_tree_per_pixel(
          {at::zeros({0, 4}), at::zeros({0}), at::zeros({0}, at::kLong), at::zeros({0, 28, 28})},
          kSize,
          kSize,
          options);
    return one_tree_per_pixel(
        {at::stack(boxes), at::tensor(scores), at::ones({count}, at::kLong), at::stack(masks)},
        kSize,
        kSize,
        options);
  }
};

std::uint32_t at(const TileLabels& labels, int x, int y) {
  return labels.ids[static_cast<std::size_t>(y) * labels.width + x];
}

/// Ids run from 1 to the number of trees, each is one connected piece, and the list agrees with the
/// map.
void expect_sound(const TileLabels& labels) {
  std::map<std::uint32_t, std::int64_t> pixels;
  for (std::uint32_t id : labels.ids) ++pixels[id];
  pixels.erase(0);
  ASSERT_EQ(pixels.size(), labels.trees.size());
  std::set<std::size_t> seen;
  std::set<std::uint32_t> pieces;
  for (std::size_t start = 0; start < labels.ids.size(); ++start) {
    if (labels.ids[start] == 0 || seen.contains(start)) continue;
    const std::uint32_t id = labels.ids[start];
    ASSERT_TRUE(id >= 1 && id <= labels.trees.size());
    EXPECT_TRUE(pieces.insert(id).second) << "tree " << id << " is in two pieces";
    EXPECT_EQ(labels.trees[id - 1].pixels, pixels[id]);
    std::vector<std::size_t> open = {start};
    seen.insert(start);
    while (!open.empty()) {
      const int x = static_cast<int>(open.back() % labels.width),
                y = static_cast<int>(open.back() / labels.width);
      open.pop_back();
      const TileTree& tree = labels.trees[id - 1];
      EXPECT_TRUE(x >= tree.x0 && x < tree.x1 && y >= tree.y0 && y < tree.y1);
      for (int v = std::max(0, y - 1); v <= std::min(labels.height - 1, y + 1); ++v)
        for (int u = std::max(0, x - 1); u <= std::min(labels.width - 1, x + 1); ++u) {
          const std::size_t next = static_cast<std::size_t>(v) * labels.width + u;
          if (labels.ids[next] == id && seen.insert(next).second) open.push_back(next);
        }
    }
  }
}

TEST(OneTreePerPixel, separate_trees_keep_their_masks) {
  Found found;
  found.add_disc(20, 20, 10, 0.8f);
  found.add_disc(60, 60, 15, 0.9f);
  const TileLabels labels = found.assign();
  expect_sound(labels);
  ASSERT_EQ(labels.trees.size(), 2u);
  EXPECT_EQ(labels.trees[0].instance, 1);  // the better one first
  EXPECT_NEAR(static_cast<double>(labels.trees[0].pixels), 3.1416 * 15 * 15, 100);
  EXPECT_NEAR(static_cast<double>(labels.trees[1].pixels), 3.1416 * 10 * 10, 60);
  EXPECT_EQ(at(labels, 20, 20), 2u);
}

TEST(OneTreePerPixel, touching_trees_share_the_pixels_between_them) {
  Found found;
  found.add_disc(35, 48, 18, 0.9f);
  found.add_disc(60, 48, 18, 0.9f);
  const TileLabels labels = found.assign();
  expect_sound(labels);
  ASSERT_EQ(labels.trees.size(), 2u);
  // both are sure of the pixels near their own middle; between them the better one's smallest lead
  // decides
  EXPECT_EQ(at(labels, 44, 48), at(labels, 35, 48));
  EXPECT_EQ(at(labels, 52, 48), at(labels, 60, 48));
  EXPECT_NEAR(static_cast<double>(labels.trees[0].pixels),
              static_cast<double>(labels.trees[1].pixels),
              120);
}

TEST(OneTreePerPixel, a_tree_found_twice_is_one_tree) {
  Found found;
  found.add_disc(48, 48, 20, 0.9f);
  found.add_disc(50, 47, 19, 0.7f);
  const TileLabels labels = found.assign();
  expect_sound(labels);
  ASSERT_EQ(labels.trees.size(), 1u);
  EXPECT_EQ(labels.trees[0].instance, 0);
}

TEST(OneTreePerPixel, a_weaker_tree_wholly_inside_another_is_part_of_it) {
  Found found;
  found.add_disc(48, 48, 30, 0.9f);
  found.add_disc(50, 50, 8, 0.7f);
  const TileLabels labels = found.assign();
  expect_sound(labels);
  EXPECT_EQ(labels.trees.size(), 1u);
  EXPECT_EQ(at(labels, 50, 50), 1u);
}

TEST(OneTreePerPixel, a_stronger_tree_inside_another_keeps_its_place) {
  Found found;
  found.add_disc(48, 48, 30, 0.6f);
  found.add_disc(50, 50, 8, 0.95f);
  const TileLabels labels = found.assign();
  expect_sound(labels);
  ASSERT_EQ(labels.trees.size(), 2u);
  EXPECT_EQ(at(labels, 50, 50), 1u);
  EXPECT_EQ(at(labels, 25, 48), 2u);
}

TEST(OneTreePerPixel, a_part_cut_off_by_a_neighbour_goes_to_that_neighbour) {
  Found found;
  found.add(10, 40, 86, 56, 0.6f, [](double, double) {
    return 0.9;
  });  // a bar, cut in two unequal parts by a tree
  found.add_disc(60, 48, 12, 0.95f);
  const TileLabels labels = found.assign();
  expect_sound(labels);
  ASSERT_EQ(labels.trees.size(), 2u);
  EXPECT_EQ(at(labels, 20, 48), 2u);
  EXPECT_EQ(at(labels, 82, 48), 1u);
}

TEST(OneTreePerPixel, a_lonely_fragment_is_background) {
  Found found;
  found.add(10, 10, 80, 40, 0.9f, [](double x, double) { return x < 50 || x > 74 ? 0.9 : 0.1; });
  const TileLabels labels = found.assign();
  expect_sound(labels);
  ASSERT_EQ(labels.trees.size(), 1u);
  EXPECT_EQ(at(labels, 78, 25), 0u);
  EXPECT_EQ(at(labels, 30, 25), 1u);
}

TEST(OneTreePerPixel, weak_detections_and_empty_tiles_give_no_trees) {
  Found found;
  EXPECT_TRUE(found.assign().trees.empty());
  found.add_disc(48, 48, 20, 0.4f);
  EXPECT_TRUE(found.assign().trees.empty());
  found.add_disc(500, 500, 20, 0.9f);  // outside the tile
  EXPECT_TRUE(found.assign().trees.empty());
}

TEST(OneTreePerPixel, any_heap_of_detections_gives_whole_trees) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    Found found;
    for (int k = 0; k < 40; ++k)
      found.add_disc(random.uniform(-5, 100),
                     random.uniform(-5, 100),
                     random.uniform(2, 25),
                     static_cast<float>(random.uniform(0.3, 1)));
    expect_sound(found.assign({.least_visible = random.uniform(0, 0.8)}));
  }
}

TEST(OneTreePerPixel, options_out_of_range_are_refused) {
  EXPECT_NO_THROW(AssignOptions{}.validate());
  EXPECT_THROW(AssignOptions{.score_threshold = 2}.validate(), Error);
  EXPECT_THROW(AssignOptions{.mask_threshold = 0}.validate(), Error);
  EXPECT_THROW(AssignOptions{.least_visible = -1}.validate(), Error);
}

}  // namespace
}  // namespace canopy
