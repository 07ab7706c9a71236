// SPDX-License-Identifier: Apache-2.0
#include "eval/clumps.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "eval/counts.h"

namespace canopy {
namespace {

TruthTree tree_at(double x, double y) { return {{x, y, 10, 10}, {}, 100, 1, false}; }
FoundTree found_at(double x, double y, double score) { return {{x, y, 10, 10}, {}, score, 1}; }

/// A thicket: trees that overlap each other, findings beside them, a crowd, a place to ignore.
Scene thicket(std::uint64_t seed) {
  Random random(seed, 0);
  Scene scene;
  for (int i = 0; i < 60; ++i)
    scene.truth.push_back(tree_at(random.uniform(0, 90), random.uniform(0, 90)));
  for (int i = 0; i < 80; ++i)
    scene.found.push_back(
        found_at(random.uniform(0, 90), random.uniform(0, 90), random.uniform(0, 1)));
  scene.truth[7].is_crowd = true;
  scene.ignore = rle_of_patch(std::vector<std::uint8_t>(900, 1), 30, 30, 5, 5, 100, 100);
  return scene;
}

TEST(Clumps, trees_that_do_not_meet_are_apart) {
  Scene scene;
  scene.truth = {tree_at(0, 0), tree_at(30, 0), tree_at(60, 0)};
  scene.found = {found_at(1, 0, 0.9), found_at(35, 0, 0.8), found_at(80, 0, 0.7)};
  const std::vector<Scene> clumps = clumps_of(scene, Overlap::Box, 0.4);
  // The second finding overlaps its tree by a third only.
  ASSERT_EQ(clumps.size(), 5u);
  for (const Scene& clump : clumps) EXPECT_LE(clump.truth.size() + clump.found.size(), 2u);
}

TEST(Clumps, parts_have_the_counts_of_the_whole) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Scene scene = thicket(seed);
    const std::vector<Scene> clumps = clumps_of(scene, Overlap::Box, 0.4);
    EXPECT_GT(clumps.size(), 20u);
    for (const double iou : {0.4, 0.5, 0.75}) {
      Counts sum;
      for (const Scene& clump : clumps) sum += count(clump, {Overlap::Box, iou}, 0.2);
      const Counts whole = count(scene, {Overlap::Box, iou}, 0.2);
      EXPECT_EQ(sum.right, whole.right);
      EXPECT_EQ(sum.wrong, whole.wrong);
      EXPECT_EQ(sum.missed, whole.missed);
    }
  }
}

TEST(Clumps, nothing_is_no_clump) { EXPECT_TRUE(clumps_of({}, Overlap::Mask, 0.4).empty()); }

}  // namespace
}  // namespace canopy
