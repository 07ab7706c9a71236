// SPDX-License-Identifier: Apache-2.0
#include "base/threads.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/bounded_queue.h"
#include "base/error.h"

namespace canopy {
namespace {

TEST(ParallelFor, every_index_is_visited_once) {
  std::vector<std::atomic<int>> visits(1000);
  parallel_for(1000, 4, [&](std::int64_t i) { ++visits[static_cast<std::size_t>(i)]; });
  for (const auto& count : visits) EXPECT_EQ(count, 1);
}

TEST(ParallelFor, an_exception_of_a_worker_reaches_the_caller) {
  EXPECT_THROW(parallel_for(100, 3, [](std::int64_t i) { require(i != 40, "tile 40"); }), Error);
}

TEST(BoundedQueue, what_goes_in_comes_out_in_order_though_it_never_holds_more_than_its_capacity) {
  BoundedQueue<int> queue(2);
  std::thread producer([&] {
    for (int i = 0; i < 100; ++i) queue.push(i);
    queue.close();
  });
  int expected = 0;
  while (auto item = queue.pop()) {
    EXPECT_EQ(*item, expected++);
    EXPECT_LE(queue.size(), 2u);
  }
  EXPECT_EQ(expected, 100);
  producer.join();
}

TEST(BoundedQueue, a_closed_queue_takes_nothing_more_and_gives_what_it_holds) {
  BoundedQueue<int> queue(4);
  EXPECT_TRUE(queue.push(1));
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(Threads, there_is_at_least_one_core_and_some_memory_in_use) {
  EXPECT_GE(available_cores(), 1);
  EXPECT_GT(peak_resident_bytes(), 1 << 20);
}

}  // namespace
}  // namespace canopy
