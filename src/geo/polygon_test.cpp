// SPDX-License-Identifier: Apache-2.0
#include "geo/polygon.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "base/random.h"

namespace canopy {
namespace {

const Ring kSquare = {{0, 0}, {4, 0}, {4, 4}, {0, 4}};
const Ring kHole = {{1, 1}, {1, 2}, {2, 2}, {2, 1}};

TEST(Polygon, a_counter_clockwise_ring_has_positive_area) {
  EXPECT_DOUBLE_EQ(signed_area(kSquare), 16);
  EXPECT_DOUBLE_EQ(signed_area({kSquare.rbegin(), kSquare.rend()}), -16);
  EXPECT_EQ(signed_area({{0, 0}, {1, 1}}), 0);
  EXPECT_EQ(signed_area({}), 0);
}

TEST(Polygon, holes_are_taken_off_the_area_and_added_to_the_perimeter) {
  const Polygon polygon = {{kSquare, kHole}};
  EXPECT_DOUBLE_EQ(area_of(polygon), 15);
  EXPECT_DOUBLE_EQ(perimeter_of(polygon), 20);
  EXPECT_EQ(area_of({}), 0);
  EXPECT_EQ(perimeter_of({}), 0);
}

TEST(Polygon, a_point_in_a_hole_is_not_contained) {
  const Polygon polygon = {{kSquare, kHole}};
  EXPECT_TRUE(contains(polygon, {3, 3}));
  EXPECT_FALSE(contains(polygon, {1.5, 1.5}));
  EXPECT_FALSE(contains(polygon, {5, 1}));
  EXPECT_FALSE(contains({}, {0, 0}));
}

TEST(Polygon, areas_and_centres_keep_their_digits_far_from_the_origin) {
  Ring ring;
  for (const Point& p : kSquare) ring.push_back({300'000 + 0.1 * p.x, 6'200'000 + 0.1 * p.y});
  EXPECT_NEAR(signed_area(ring), 0.16, 1e-9);
  EXPECT_NEAR(centroid_of({{ring}}).x, 300'000.2, 1e-7);
  EXPECT_NEAR(centroid_of({{ring}}).y, 6'200'000.2, 1e-7);
}

TEST(Polygon, the_centre_of_a_flat_ring_is_the_mean_of_its_points) {
  EXPECT_EQ(centroid_of({{{{1, 1}, {2, 1}, {3, 1}}}}), (Point{2, 1}));
  EXPECT_EQ(centroid_of({}), Point{});
}

TEST(Polygon, random_stars_agree_with_monte_carlo) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    Ring star;
    for (int i = 0; i < 17; ++i) {
      const double angle = 2 * std::numbers::pi * i / 17, radius = random.uniform(2, 10);
      star.push_back({radius * std::cos(angle), radius * std::sin(angle)});
    }
    const Polygon polygon = {{star}};
    int inside = 0;
    Point sum;
    const int n = 200;
    for (int i = 0; i < n * n; ++i) {
      const Point p = {-10 + 20 * (i % n + 0.5) / n, -10 + 20 * (i / n + 0.5) / n};
      if (!contains(polygon, p)) continue;
      ++inside;
      sum.x += p.x;
      sum.y += p.y;
    }
    EXPECT_NEAR(area_of(polygon), inside * 400.0 / (n * n), 1.5);
    EXPECT_NEAR(centroid_of(polygon).x, sum.x / inside, 0.05);
    EXPECT_NEAR(centroid_of(polygon).y, sum.y / inside, 0.05);
  }
}

}  // namespace
}  // namespace canopy
