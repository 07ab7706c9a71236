// SPDX-License-Identifier: Apache-2.0
#include "eval/bootstrap.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

TEST(Bootstrap, the_interval_of_a_mean_is_as_wide_as_theory_says) {
  Random random(5);
  std::vector<double> values(400);
  for (double& value : values) value = random.normal(10, 2);
  const Interval interval = bootstrap(400, [&](auto times) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += times[i] * values[i];
    return sum / 400;
  });
  EXPECT_NEAR(interval.high - interval.low, 2 * 1.96 * 2 / std::sqrt(400), 0.05);
  EXPECT_LT(interval.low, 10.1);
  EXPECT_GT(interval.high, 9.9);
}

TEST(Bootstrap, one_picture_has_no_spread) {
  const Interval interval = bootstrap(1, [](auto times) { return times[0] * 3.0; });
  EXPECT_EQ(interval.low, 3);
  EXPECT_EQ(interval.high, 3);
}

TEST(Bootstrap, draws_without_anything_to_measure_are_left_out) {
  const Interval interval = bootstrap(2, [](auto times) { return times[0] == 0 ? NAN : 1.0; });
  EXPECT_EQ(interval.low, 1);
  EXPECT_TRUE(std::isnan(bootstrap(2, [](auto) { return NAN; }).high));
}

TEST(Bootstrap, impossible_requests_are_refused) {
  const auto zero = [](auto) { return 0.0; };
  EXPECT_THROW(bootstrap(0, zero), Error);
  EXPECT_THROW(bootstrap(1, zero, {.resamples = 0}), Error);
  EXPECT_THROW(bootstrap(1, zero, {.confidence = 1}), Error);
}

}  // namespace
}  // namespace canopy
