// SPDX-License-Identifier: Apache-2.0
#include "predict/stitcher.h"

#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

class MemoryPlane : public LabelPlane {
 public:
  MemoryPlane(std::int64_t width, std::int64_t height)
      : width_(width), ids(static_cast<std::size_t>(width * height)) {}
  void read(const Window& w, std::uint32_t* out) const override {
    for (std::int64_t y = w.y; y < w.y_end(); ++y)
      for (std::int64_t x = w.x; x < w.x_end(); ++x)
        *out++ = ids[static_cast<std::size_t>(y * width_ + x)];
  }
  void write(const Window& w, const std::uint32_t* in) override {
    for (std::int64_t y = w.y; y < w.y_end(); ++y)
      for (std::int64_t x = w.x; x < w.x_end(); ++x)
        ids[static_cast<std::size_t>(y * width_ + x)] = *in++;
  }

 private:
  std::int64_t width_;

 public:
  std::vector<std::uint32_t> ids;
};

/// Discs at random places that may touch: the later one lies below the earlier.
std::vector<std::uint32_t> random_discs(
    Random& random, std::int64_t width, std::int64_t height, double radius, int count) {
  std::vector<std::uint32_t> truth(static_cast<std::size_t>(width * height));
  for (int k = 1; k <= count; ++k) {
    const double cx = random.uniform(0, static_cast<double>(width)),
                 cy = random.uniform(0, static_cast<double>(height));
    const double r = radius * random.uniform(0.5, 1);
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        if (std::hypot(static_cast<double>(x) + .5 - cx, static_cast<double>(y) + .5 - cy) < r) {
          auto& id = truth[static_cast<std::size_t>(y * width + x)];
          if (!id) id = static_cast<std::uint32_t>(k);
        }
  }
  return truth;
}

/// What a perfect model reports of a window: every visible part of a crown of at least 3 pixels,
/// numbered as it comes.
std::vector<std::uint32_t> look(const std::vector<std::uint32_t>& truth,
                                const TilePlan& plan,
                                const Window& window,
                                std::vector<TreeEvidence>* trees) {
  std::vector<std::uint32_t> local(static_cast<std::size_t>(plan.size) *
                                   static_cast<std::size_t>(plan.size));
  std::map<std::uint32_t, std::uint32_t> number;
  for (std::int64_t y = 0; y < plan.size; ++y) {
    for (std::int64_t x = 0; x < plan.size; ++x) {
      const std::int64_t gx = window.x + x, gy = window.y + y;
      if (gx < 0 || gy < 0 || gx >= plan.width || gy >= plan.height) continue;
      const std::uint32_t id = truth[static_cast<std::size_t>(gy * plan.width + gx)];
      if (!id) continue;
      if (!number.contains(id)) {
        trees->push_back({0.9f, 1});
        number[id] = static_cast<std::uint32_t>(trees->size());
      }
      local[static_cast<std::size_t>(y * plan.size + x)] = number[id];
    }
  }
  return local;
}

/// Whether `found` is `truth` up to a renaming of ids.
bool same_partition(const std::vector<std::uint32_t>& truth,
                    const std::vector<std::uint32_t>& found) {
  std::map<std::uint32_t, std::uint32_t> forth{{0, 0}}, back{{0, 0}};
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (forth.emplace(truth[i], found[i]).first->second != found[i]) return false;
    if (back.emplace(found[i], truth[i]).first->second != truth[i]) return false;
  }
  return true;
}

TEST(Stitcher, a_perfect_model_loses_doubles_and_cuts_no_tree_at_any_seam) {
  Random random(17);
  for (int trial = 0; trial < 40; ++trial) {
    const std::int64_t width = 150 + random.below(200), height = 150 + random.below(200);
    const double radius = 14;
    const auto truth = random_discs(random, width, height, radius, 40);
    const TilePlan plan =
        plan_tiles(width, height, 96 + 32 * static_cast<int>(random.below(4)), 15);
    MemoryPlane plane(width, height);
    Stitcher stitcher(plane, plan);
    for (std::size_t t = 0; t < plan.tiles.size(); ++t) {
      std::vector<TreeEvidence> trees;
      const auto local = look(truth, plan, plan.tiles[t].window, &trees);
      stitcher.add(t, local, trees);
    }
    const auto trees = stitcher.finish(1);
    EXPECT_TRUE(same_partition(truth, plane.ids)) << "trial " << trial;
    std::set<std::uint32_t> ids(truth.begin(), truth.end());
    ids.erase(0);
    EXPECT_EQ(trees.size(), ids.size()) << "trial " << trial;
  }
}

TEST(Stitcher, a_crown_that_only_one_tile_found_is_not_cut_at_the_seam) {
  const TilePlan plan = plan_tiles(120, 60, 96, 16);
  ASSERT_EQ(plan.tiles.size(), 2u);
  const std::int64_t seam = plan.tiles[1].core.x;
  std::vector<std::uint32_t> truth(120 * 60);
  for (std::int64_t y = 20; y < 40; ++y)
    for (std::int64_t x = seam - 10; x < seam + 10; ++x)
      truth[static_cast<std::size_t>(y * 120 + x)] = 1;
  for (std::size_t blind = 0; blind < 2; ++blind) {
    MemoryPlane plane(120, 60);
    Stitcher stitcher(plane, plan);
    for (std::size_t t = 0; t < 2; ++t) {
      std::vector<TreeEvidence> trees;
      auto local = look(truth, plan, plan.tiles[t].window, &trees);
      if (t == blind) {
        std::fill(local.begin(), local.end(), 0u);
        trees.clear();
      }
      stitcher.add(t, local, trees);
    }
    EXPECT_EQ(stitcher.finish(1).size(), 1u);
    EXPECT_TRUE(same_partition(truth, plane.ids));
  }
}

TEST(Stitcher, crumbs_become_background_and_the_best_evidence_names_the_tree) {
  const TilePlan plan = plan_tiles(64, 64, 96, 16);
  MemoryPlane plane(64, 64);
  Stitcher stitcher(plane, plan);
  std::vector<std::uint32_t> local(static_cast<std::size_t>(plan.size) *
                                   static_cast<std::size_t>(plan.size));
  const auto at = [&](int x, int y) -> std::uint32_t& {
    return local[static_cast<std::size_t>((y + plan.halo) * plan.size + x + plan.halo)];
  };
  at(3, 3) = 1;
  for (int x = 10; x < 20; ++x) at(x, 10) = 2;
  const std::vector<TreeEvidence> trees = {{0.9f, 1}, {0.8f, 2}};
  stitcher.add(0, local, trees);
  const auto found = stitcher.finish(4);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, 1u);
  EXPECT_EQ(found[0].label, 2);
  EXPECT_EQ(found[0].pixels, 10);
  EXPECT_EQ(plane.ids[3 * 64 + 3], 0u);
}

TEST(Stitcher, an_id_map_that_does_not_fit_the_tile_is_a_defect) {
  const TilePlan plan = plan_tiles(64, 64, 96, 16);
  MemoryPlane plane(64, 64);
  Stitcher stitcher(plane, plan);
  EXPECT_THROW(stitcher.add(0, std::vector<std::uint32_t>(5), {}), Error);
}

}  // namespace
}  // namespace canopy
