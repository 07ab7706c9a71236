// SPDX-License-Identifier: Apache-2.0
#include "ingest/ring_repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/ingest_fixture.h"

namespace canopy {
namespace {

TEST(RingRepair, a_clean_ring_stays_as_it_is) {
  const Ring ring = disc({5, 5}, 3).rings[0];
  const auto repaired = without_crossings(ring);
  ASSERT_TRUE(repaired);
  EXPECT_FALSE(repaired->is_changed);
  EXPECT_EQ(repaired->ring, ring);
}

TEST(RingRepair, repeated_points_and_a_repeated_end_are_dropped) {
  const auto repaired = without_crossings({{0, 0}, {4, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}});
  ASSERT_TRUE(repaired);
  EXPECT_THAT(repaired->ring,
              testing::ElementsAre(Point{0, 0}, Point{4, 0}, Point{4, 4}, Point{0, 4}));
}

TEST(RingRepair, a_small_loop_of_a_slipped_hand_is_cut_off) {
  // A square whose last corner is tied in a little knot.
  const auto repaired = without_crossings({{0, 0}, {10, 0}, {10, 10}, {-1, 10}, {0, 11}});
  ASSERT_TRUE(repaired);
  EXPECT_TRUE(repaired->is_changed);
  EXPECT_NEAR(std::abs(signed_area(repaired->ring)), 100, 1);
  EXPECT_FALSE(without_crossings(repaired->ring)->is_changed);
}

TEST(RingRepair, a_bow_tie_is_beyond_repair) {
  EXPECT_FALSE(without_crossings({{0, 0}, {10, 10}, {10, 0}, {0, 10}}));
}

TEST(RingRepair, rings_of_few_points_do_no_harm) {
  for (std::size_t n = 0; n < 3; ++n) EXPECT_TRUE(without_crossings(Ring(n, Point{1, 1})));
}

TEST(RingRepair, whatever_comes_out_of_random_scribbles_has_no_crossing) {
  int repaired_count = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    Ring ring;
    for (int i = 0; i < 14; ++i) {
      const double angle = 2 * 3.14159265 * i / 14, radius = random.uniform(2, 10);
      ring.push_back({radius * std::cos(angle + random.normal(0, 0.3)), radius * std::sin(angle)});
    }
    const auto repaired = without_crossings(ring);
    if (!repaired) continue;
    repaired_count += repaired->is_changed;
    const auto again = without_crossings(repaired->ring);
    ASSERT_TRUE(again) << seed;
    EXPECT_FALSE(again->is_changed) << seed;
  }
  EXPECT_GT(repaired_count, 20);
}

}  // namespace
}  // namespace canopy
