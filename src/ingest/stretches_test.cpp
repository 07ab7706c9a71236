// SPDX-License-Identifier: Apache-2.0
#include "ingest/stretches.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/threads.h"

namespace canopy {
namespace {

TEST(Stretches, every_number_is_given_once_whoever_asks) {
  for (const std::int64_t count : {0, 1, 2, 7, 1000}) {
    for (const int workers : {1, 3, 8}) {
      Stretches stretches(count, workers);
      std::vector<std::atomic<int>> given(static_cast<std::size_t>(count));
      parallel_for(workers, workers, [&](std::int64_t worker) {
        while (const auto i = stretches.next(static_cast<int>(worker)))
          ++given[static_cast<std::size_t>(*i)];
      });
      for (const auto& times : given) EXPECT_EQ(times, 1);
    }
  }
}

TEST(Stretches, a_worker_is_given_neighbours) {
  Stretches stretches(100, 2);
  for (std::int64_t i = 0; i < 40; ++i) {
    EXPECT_EQ(stretches.next(0), i);
    EXPECT_EQ(stretches.next(1), 50 + i);
  }
}

TEST(Stretches, who_is_ready_takes_half_of_what_is_left_elsewhere) {
  Stretches stretches(100, 2);
  for (std::int64_t i = 0; i < 50; ++i) EXPECT_EQ(stretches.next(0), i);
  EXPECT_EQ(stretches.next(0), 75);
  EXPECT_EQ(stretches.next(0), 76);
  EXPECT_EQ(stretches.next(1), 50);
}

TEST(Stretches, after_a_stop_nothing_is_given) {
  Stretches stretches(100, 2);
  EXPECT_TRUE(stretches.next(1));
  stretches.stop();
  EXPECT_FALSE(stretches.next(0));
  EXPECT_FALSE(stretches.next(1));
}

}  // namespace
}  // namespace canopy
