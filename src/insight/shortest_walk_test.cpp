// SPDX-License-Identifier: Apache-2.0
#include "insight/shortest_walk.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.h"

namespace canopy {
namespace {

std::vector<Point> scattered(int count, std::uint64_t seed) {
  Random random(seed, 11);
  std::vector<Point> points;
  for (int k = 0; k < count; ++k)
    points.push_back({random.uniform(0, 300), random.uniform(0, 200)});
  return points;
}

double length_of(const std::vector<Point>& points,
                 const std::vector<int>& order,
                 const std::optional<Point>& start = {},
                 const std::optional<Point>& end = {}) {
  std::vector<Point> path;
  if (start) path.push_back(*start);
  for (int k : order) path.push_back(points[static_cast<std::size_t>(k)]);
  if (end) path.push_back(*end);
  double sum = 0;
  for (std::size_t k = 1; k < path.size(); ++k)
    sum += std::hypot(path[k].x - path[k - 1].x, path[k].y - path[k - 1].y);
  return sum;
}

double exact(const std::vector<Point>& points,
             const std::optional<Point>& start,
             const std::optional<Point>& end) {
  std::vector<int> order(points.size());
  std::iota(order.begin(), order.end(), 0);
  double least = 1e300;
  do least = std::min(least, length_of(points, order, start, end));
  while (std::next_permutation(order.begin(), order.end()));
  return least;
}

TEST(ShortestWalk, is_within_two_percent_of_the_exact_answer_on_small_cases) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto points = scattered(2 + static_cast<int>(seed % 7), seed);
    std::optional<Point> start, end;
    if (seed % 2) start = Point{0, 0};
    if (seed % 3 == 0) end = Point{300, 0};
    const Walk walk = shortest_walk(points, start, end);
    EXPECT_LE(walk.length_m, 1.02 * exact(points, start, end)) << "seed " << seed;
    EXPECT_NEAR(walk.length_m, length_of(points, walk.order, start, end), 1e-6);
  }
}

TEST(ShortestWalk, passes_each_point_once_and_is_never_longer_than_the_order_given) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto points = scattered(60 * static_cast<int>(seed), seed);
    std::vector<int> given(points.size());
    std::iota(given.begin(), given.end(), 0);
    Walk walk = shortest_walk(points, Point{-5, -5});
    EXPECT_LE(walk.length_m, length_of(points, given, Point{-5, -5}));
    std::sort(walk.order.begin(), walk.order.end());
    EXPECT_EQ(walk.order, given);
  }
}

TEST(ShortestWalk, a_grid_of_trees_is_walked_row_by_row_or_as_short) {
  std::vector<Point> points;
  for (int x = 0; x < 12; ++x)
    for (int y = 0; y < 12; ++y) points.push_back({4.0 * ((x * 7) % 12), 4.0 * ((y * 5) % 12)});
  EXPECT_LE(shortest_walk(points).length_m, 1.02 * 4 * 143);
}

TEST(ShortestWalk, points_in_one_place_and_none_at_all_are_fine) {
  EXPECT_EQ(shortest_walk({}).length_m, 0);
  EXPECT_EQ(shortest_walk({}, Point{0, 0}, Point{3, 4}).length_m, 5);
  EXPECT_EQ(shortest_walk({{1, 1}}, Point{1, 0}).length_m, 1);
  const Walk walk = shortest_walk(std::vector<Point>(40, Point{2, 2}), Point{2, 5});
  EXPECT_EQ(walk.order.size(), 40u);
  EXPECT_EQ(walk.length_m, 3);
}

}  // namespace
}  // namespace canopy
