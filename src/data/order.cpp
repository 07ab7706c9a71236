// SPDX-License-Identifier: Apache-2.0
#include "data/order.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

void check_position(const Order& order, std::int64_t position) {
  check(position >= 0 && position < order.size(), "a position within the epoch");
}

class Sequential : public Order {
 public:
  explicit Sequential(std::int64_t count) : count_(count) {}
  std::int64_t size() const override { return count_; }
  std::int64_t at(std::int64_t, std::int64_t position) const override {
    check_position(*this, position);
    return position;
  }

 private:
  std::int64_t count_;
};

/// A Feistel network over the smallest even number of bits that holds `count`; values outside walk
/// on until they fall inside (Black and Rogaway 2002), on average less than four steps.
class Shuffled : public Order {
 public:
  Shuffled(std::int64_t count, std::uint64_t seed) : count_(count), seed_(seed) {
    while ((std::uint64_t{1} << (2 * half_bits_)) < static_cast<std::uint64_t>(count)) ++half_bits_;
  }
  std::int64_t size() const override { return count_; }
  std::int64_t at(std::int64_t epoch, std::int64_t position) const override {
    check_position(*this, position);
    const std::uint64_t key = mix(seed_ + mix(static_cast<std::uint64_t>(epoch) + 1));
    auto x = static_cast<std::uint64_t>(position);
    do x = permute(x, key);
    while (x >= static_cast<std::uint64_t>(count_));
    return static_cast<std::int64_t>(x);
  }

 private:
  static constexpr std::uint64_t kRounds = 6;

  std::uint64_t permute(std::uint64_t x, std::uint64_t key) const {
    const std::uint64_t low = (std::uint64_t{1} << half_bits_) - 1;
    std::uint64_t left = x >> half_bits_, right = x & low;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      const std::uint64_t next =
          left ^ (mix(key + 0x9e3779b97f4a7c15ULL * (round + 1) + right) & low);
      left = right;
      right = next;
    }
    return left << half_bits_ | right;
  }

  std::int64_t count_;
  std::uint64_t seed_;
  int half_bits_ = 1;
};

/// Walker's alias table (1977), built by Vose's method (1991).
class Weighted : public Order {
 public:
  Weighted(const std::vector<double>& weights, std::int64_t size, std::uint64_t seed)
      : size_(size), seed_(seed), keep_(weights.size()), other_(weights.size()) {
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      require(std::isfinite(weights[i]) && weights[i] >= 0, [&] {
        return "the weight of example " + std::to_string(i) + " is " + std::to_string(weights[i]) +
               "; weights must be numbers of at least 0";
      });
      sum += weights[i];
    }
    require(sum > 0, "all weights are 0: nothing can be drawn");
    std::vector<std::size_t> small, large;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      keep_[i] = weights[i] / sum * static_cast<double>(weights.size());
      other_[i] = static_cast<std::int64_t>(i);
      (keep_[i] < 1 ? small : large).push_back(i);
    }
    while (!small.empty() && !large.empty()) {
      const std::size_t lack = small.back(), plenty = large.back();
      small.pop_back();
      other_[lack] = static_cast<std::int64_t>(plenty);
      keep_[plenty] -= 1 - keep_[lack];
      if (keep_[plenty] < 1) {
        large.pop_back();
        small.push_back(plenty);
      }
    }
    for (const std::size_t rest : large) keep_[rest] = 1;
    // What rounding left over keeps its own place, unless it must never be drawn.
    for (const std::size_t rest : small)
      if (weights[rest] > 0) keep_[rest] = 1;
  }
  std::int64_t size() const override { return size_; }
  std::int64_t at(std::int64_t epoch, std::int64_t position) const override {
    check_position(*this, position);
    Random random(seed_, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(position));
    const std::int64_t i = random.below(std::ssize(keep_));
    return random.uniform() < keep_[i] ? i : other_[i];
  }

 private:
  std::int64_t size_;
  std::uint64_t seed_;
  std::vector<double> keep_;
  std::vector<std::int64_t> other_;
};

}  // namespace

std::unique_ptr<Order> sequential_order(std::int64_t count) {
  require(count > 0, "an order needs at least one example");
  return std::make_unique<Sequential>(count);
}

std::unique_ptr<Order> shuffled_order(std::int64_t count, std::uint64_t seed) {
  require(count > 0, "an order needs at least one example");
  return std::make_unique<Shuffled>(count, seed);
}

std::unique_ptr<Order> weighted_order(const std::vector<double>& weights,
                                      std::int64_t size,
                                      std::uint64_t seed) {
  require(!weights.empty() && size > 0, "an order needs at least one example");
  return std::make_unique<Weighted>(weights, size, seed);
}

}  // namespace canopy
