// SPDX-License-Identifier: Apache-2.0
#include "ingest/label_set.h"

#include <gtest/gtest.h>

#include "ingest/ingest_fixture.h"

namespace canopy {
namespace {

TEST(LabelSet, the_area_within_a_window_is_exact) {
  const Window window = {10, 10, 10, 10};
  EXPECT_DOUBLE_EQ(area_within({rectangle(5, 5, 15, 15)}, window), 25);
  EXPECT_DOUBLE_EQ(area_within({rectangle(0, 0, 40, 40)}, window), 100);
  EXPECT_DOUBLE_EQ(area_within({rectangle(0, 0, 10, 10)}, window), 0);
  Polygon with_hole = rectangle(10, 10, 20, 20);
  with_hole.rings.push_back(rectangle(12, 12, 14, 30).rings[0]);
  EXPECT_DOUBLE_EQ(area_within({with_hole}, window), 100 - 16);
  // A concave comb: two teeth reach into the window.
  const Polygon comb = {
      {{{5, 12}, {15, 12}, {15, 14}, {8, 14}, {8, 16}, {15, 16}, {15, 18}, {5, 18}}}};
  EXPECT_DOUBLE_EQ(area_within({comb}, window), 20);
}

TEST(LabelSet, the_parts_in_neighbouring_windows_add_up) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const Polygon crown =
        disc({random.uniform(0, 30), random.uniform(0, 30)}, random.uniform(1, 14), 17);
    double sum = 0;
    for (std::int64_t y = -30; y < 60; y += 10)
      for (std::int64_t x = -30; x < 60; x += 10) sum += area_within({crown}, {x, y, 10, 10});
    EXPECT_NEAR(sum, area_of(crown), 1e-9);
  }
}

TEST(LabelSet, only_the_first_complaints_are_kept_in_words) {
  Complaints complaints;
  for (int i = 0; i < 100; ++i) complaints.add(std::to_string(i));
  EXPECT_EQ(complaints.count, 100);
  EXPECT_EQ(complaints.first.size(), Complaints::kShown);
  EXPECT_EQ(complaints.first[1], "1");
}

}  // namespace
}  // namespace canopy
