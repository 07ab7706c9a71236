// SPDX-License-Identifier: Apache-2.0
#include "train/average.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

TEST(WeightAverage, forgets_the_start_and_then_moves_slowly) {
  const NamedTensors weights = {{"w", at::zeros({3})}, {"fixed", at::ones({1})}};
  WeightAverage average(weights, {"w"}, 0.9);
  weights.at("w").fill_(1);
  for (int step = 1; step <= 20; ++step) average.update(step);
  EXPECT_GT(average.averages().at("w")[0].item<double>(), 0.98);
  weights.at("w").fill_(2);
  const double before = average.averages().at("w")[0].item<double>();
  average.update(1000);
  EXPECT_NEAR(average.averages().at("w")[0].item<double>(), before + 0.1 * (2 - before), 1e-5);
  const NamedTensors all = average.averaged(weights);
  EXPECT_EQ(all.at("fixed")[0].item<double>(), 1);
  EXPECT_LT(all.at("w")[0].item<double>(), 1.2);
}

TEST(WeightAverage, averages_of_another_network_are_refused) {
  WeightAverage average({{"w", at::zeros({3})}}, {"w"}, 0.9);
  EXPECT_NO_THROW(average.restore({{"w", at::ones({3})}}));
  EXPECT_EQ(average.averages().at("w")[2].item<double>(), 1);
  EXPECT_THROW(average.restore({}), Error);
  EXPECT_THROW(average.restore({{"w", at::ones({2})}}), Error);
}

}  // namespace
}  // namespace canopy
