// SPDX-License-Identifier: Apache-2.0
#include "data/order.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

TEST(Order, sequential_counts_up_in_every_epoch) {
  const auto order = sequential_order(3);
  EXPECT_EQ(order->size(), 3);
  EXPECT_EQ(order->at(7, 2), 2);
}

TEST(Order, shuffled_gives_each_index_once_an_epoch) {
  for (const std::int64_t count : {1, 2, 3, 4, 5, 16, 17, 100, 1000, 4097}) {
    const auto order = shuffled_order(count, 9);
    for (const std::int64_t epoch : {0, 1, 50}) {
      std::set<std::int64_t> seen;
      for (std::int64_t p = 0; p < count; ++p) seen.insert(order->at(epoch, p));
      EXPECT_EQ(std::ssize(seen), count);
      EXPECT_EQ(*seen.begin(), 0);
      EXPECT_EQ(*seen.rbegin(), count - 1);
    }
  }
}

TEST(Order, shuffled_differs_by_seed_and_epoch_and_is_the_same_again) {
  const auto a = shuffled_order(1000, 1), b = shuffled_order(1000, 2),
             again = shuffled_order(1000, 1);
  int same_epoch = 0, same_seed = 0;
  for (std::int64_t p = 0; p < 1000; ++p) {
    EXPECT_EQ(a->at(3, p), again->at(3, p));
    same_epoch += a->at(0, p) == a->at(1, p);
    same_seed += a->at(0, p) == b->at(0, p);
  }
  EXPECT_LT(same_epoch, 10);
  EXPECT_LT(same_seed, 10);
}

TEST(Order, shuffled_spreads_every_place_over_the_whole_range) {
  // The index at the first position over many epochs is uniform: chi squared over 10 bins, 9
  // degrees of freedom.
  std::vector<int> bins(10);
  const auto order = shuffled_order(1000, 4);
  for (int epoch = 0; epoch < 5000; ++epoch)
    ++bins[static_cast<std::size_t>(order->at(epoch, 0) / 100)];
  double chi2 = 0;
  for (const int bin : bins) chi2 += (bin - 500) * (bin - 500) / 500.0;
  EXPECT_LT(chi2, 27.9);  // 0.1 % point
}

TEST(Order, weighted_draws_in_proportion) {
  const std::vector<double> weights = {1, 0, 3, 6, 0.5};
  const auto order = weighted_order(weights, 100000, 5);
  std::vector<double> drawn(weights.size());
  for (std::int64_t p = 0; p < order->size(); ++p)
    ++drawn[static_cast<std::size_t>(order->at(0, p))];
  EXPECT_EQ(drawn[1], 0);
  for (std::size_t i = 0; i < weights.size(); ++i)
    EXPECT_NEAR(drawn[i] / 100000, weights[i] / 10.5, 4 * std::sqrt(0.25 / 100000));
}

TEST(Order, impossible_requests_are_refused) {
  EXPECT_THROW(sequential_order(0), Error);
  EXPECT_THROW(shuffled_order(0, 1), Error);
  EXPECT_THROW(weighted_order({}, 1, 1), Error);
  EXPECT_THROW(weighted_order({0, 0}, 1, 1), Error);
  EXPECT_THROW(weighted_order({1, -1}, 1, 1), Error);
  EXPECT_THROW(weighted_order({1, NAN}, 1, 1), Error);
  EXPECT_THROW(sequential_order(3)->at(0, 3), Error);
}

}  // namespace
}  // namespace canopy
