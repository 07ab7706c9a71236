// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace canopy {

/// The numbers [0, count) shared out among workers, each of which is given neighbours: tiles side
/// by side show the same blocks of a picture, which whoever has read them once has in memory.
///
/// Every worker begins with a stretch of its own. One that has come to its end takes the further
/// half of the longest that is left, so that all end together. Safe to share between threads.
class Stretches {
 public:
  Stretches(std::int64_t count, int workers);
  /// The next number for `worker`, from 0; none when all are given out or `stop` was called.
  std::optional<std::int64_t> next(int worker);
  void stop();

 private:
  struct Stretch {
    std::int64_t begin, end;
    std::int64_t left() const { return end - begin; }
  };
  std::mutex mutex_;
  std::vector<Stretch> of_worker_;
};

}  // namespace canopy
