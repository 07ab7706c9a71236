// SPDX-License-Identifier: Apache-2.0
#include "orchard/noise.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

TEST(Noise, stays_within_its_bounds_and_has_mean_nearly_zero) {
  const Noise noise(3, 0.7);
  double sum = 0;
  for (int i = 0; i < 40000; ++i) {
    const float value = noise(i % 200 * 0.31 - 20, i / 200 * 0.31 - 20);
    ASSERT_LE(std::abs(value), 1);
    sum += value;
  }
  EXPECT_NEAR(sum / 40000, 0, 0.03);
}

TEST(Noise, its_slope_is_the_difference_of_its_values) {
  const Noise noise(9, 1.7);
  constexpr double kStep = 1e-3;
  for (int i = 0; i < 500; ++i) {
    const double x = i * 0.37 - 90, y = i * -0.53 + 40;
    const Noise::Sample sample = noise.sample(x, y);
    EXPECT_EQ(sample.value, noise(x, y));
    EXPECT_NEAR(sample.dx, (noise(x + kStep, y) - noise(x - kStep, y)) / (2 * kStep), 5e-3);
    EXPECT_NEAR(sample.dy, (noise(x, y + kStep) - noise(x, y - kStep)) / (2 * kStep), 5e-3);
  }
}

TEST(Noise, another_seed_is_another_noise) {
  EXPECT_NE(Noise(1, 1)(5.3, 2.1), Noise(2, 1)(5.3, 2.1));
}

TEST(SmoothStep, rises_from_nought_to_one) {
  EXPECT_EQ(smooth_step(1, 3, 0.5f), 0);
  EXPECT_EQ(smooth_step(1, 3, 2), 0.5f);
  EXPECT_EQ(smooth_step(1, 3, 7), 1);
}

}  // namespace
}  // namespace canopy
