// SPDX-License-Identifier: Apache-2.0
#include "catalog/watchdog.h"

#include <signal.h>

#include <atomic>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/interrupt.h"

namespace canopy {
namespace {

void wait_until(const std::atomic<int>& calls, int count) {
  while (calls < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(Watchdog, calls_again_and_again_once_the_time_is_over) {
  std::atomic<int> calls{0};
  const Watchdog watchdog(0.01, [&] { ++calls; });
  wait_until(calls, 3);
  EXPECT_THAT(watchdog.reason(), testing::HasSubstr("limit of 0.01 s"));
}

TEST(Watchdog, calls_when_the_program_is_asked_to_end) {
  std::atomic<int> calls{0};
  const Watchdog watchdog(0, [&] { ++calls; });
  EXPECT_EQ(watchdog.reason(), "");
  set_interrupted(SIGINT);
  wait_until(calls, 1);
  set_interrupted(0);
  EXPECT_EQ(watchdog.reason(), "interrupted");
}

TEST(Watchdog, leaves_work_alone_that_ends_in_time) {
  std::atomic<int> calls{0};
  {
    const Watchdog watchdog(60, [&] { ++calls; });
  }
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace canopy
