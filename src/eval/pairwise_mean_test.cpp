// SPDX-License-Identifier: Apache-2.0
#include "eval/pairwise_mean.h"

#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace canopy {
namespace {

std::vector<double> harmonic(std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = 1 / (1 + static_cast<double>(i));
  return values;
}

TEST(PairwiseMean, is_that_of_numpy_to_the_last_bit) {
  EXPECT_EQ(pairwise_mean(harmonic(5)), 0.45666666666666667);
  EXPECT_EQ(pairwise_mean(harmonic(8)), 0.3397321428571428);
  EXPECT_EQ(pairwise_mean(harmonic(100)), 0.05187377517639621);
  EXPECT_EQ(pairwise_mean(harmonic(129)), 0.042177511864912164);
  EXPECT_EQ(pairwise_mean(harmonic(1000)), 0.007485470860550345);
}

TEST(PairwiseMean, is_not_that_of_a_plain_sum) {
  const auto values = harmonic(1000);
  EXPECT_NE(pairwise_mean(values), std::accumulate(values.begin(), values.end(), 0.0) / 1000);
}

TEST(PairwiseMean, of_nothing_is_no_number) { EXPECT_TRUE(std::isnan(pairwise_mean({}))); }

}  // namespace
}  // namespace canopy
