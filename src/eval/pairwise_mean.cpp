// SPDX-License-Identifier: Apache-2.0
#include "eval/pairwise_mean.h"

#include <array>
#include <cstddef>

namespace canopy {
namespace {

constexpr std::size_t kBlock = 128, kLanes = 8;

double sum_in_order(double sum, std::span<const double> values) {
  for (const double value : values) sum += value;
  return sum;
}

double pairwise_sum(std::span<const double> values) {
  if (values.size() < kLanes) return sum_in_order(0, values);
  if (values.size() > kBlock) {
    const std::size_t half = values.size() / 2 / kLanes * kLanes;
    return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
  }
  std::array<double, kLanes> lane = {};
  const std::size_t whole = values.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; ++i) lane[i % kLanes] += values[i];
  const double sum =
      ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
  return sum_in_order(sum, values.subspan(whole));
}

}  // namespace

double pairwise_mean(std::span<const double> values) {
  return pairwise_sum(values) / static_cast<double>(values.size());
}

}  // namespace canopy
