// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// Which example stands at which position of the training stream: a pure function of (seed, epoch,
// position). So a run resumes anywhere, any number of ranks see the same global order, and every
// sampler is a small decorator.

namespace canopy {

/// One example of a snapshot, as the loader needs it.
struct ExampleRef {
  std::string tile_id;
  std::string uri;         ///< name in the store
  std::int64_t bytes = 0;  ///< size of the file, 0: not known
  std::string split;       ///< "train", "val", "test"
  std::string label_kind;  ///< "mask", "box", "point", "none"
  double weight = 1;
};

class Order {
 public:
  virtual ~Order() = default;
  /// Positions of one epoch.
  virtual std::int64_t size() const = 0;
  /// The index (into the list of refs) at `position` in [0, size()) of `epoch`.
  virtual std::int64_t at(std::int64_t epoch, std::int64_t position) const = 0;
};

/// 0, 1, ..., count-1.
std::unique_ptr<Order> sequential_order(std::int64_t count);
/// Each index once an epoch, in an order of its own (a keyed Feistel permutation: no table, O(1) a
/// look-up).
std::unique_ptr<Order> shuffled_order(std::int64_t count, std::uint64_t seed);
/// `size` draws an epoch with replacement, index i with probability weights[i] / sum (Walker's
/// alias table).
std::unique_ptr<Order> weighted_order(const std::vector<double>& weights,
                                      std::int64_t size,
                                      std::uint64_t seed);

}  // namespace canopy
