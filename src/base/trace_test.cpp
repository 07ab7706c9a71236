// SPDX-License-Identifier: Apache-2.0
#include "base/trace.h"

#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/threads.h"

namespace canopy {
namespace {

void work(const char* outer, const char* inner) {
  const TraceSpan span(outer);
  const TraceSpan part(inner);
}

TEST(Trace, keeps_the_spans_of_all_threads_by_their_start) {
  work("before", "before");
  Trace trace;
  std::thread other([] {
    name_this_thread("decode");
    work("decode", "inflate");
  });
  other.join();
  work("step", "forward");
  const std::vector<TraceEvent> events = trace.stop();
  work("after", "after");
  std::vector<std::string> names;
  for (const TraceEvent& event : events) names.emplace_back(event.name);
  EXPECT_THAT(names, testing::ElementsAre("decode", "inflate", "step", "forward"));
  EXPECT_EQ(events[0].thread, events[1].thread);
  EXPECT_NE(events[0].thread, events[2].thread);
  EXPECT_LE(events[0].start_ns, events[1].start_ns);
  EXPECT_GE(events[0].start_ns + events[0].duration_ns, events[1].start_ns + events[1].duration_ns);
}

TEST(Trace, is_a_document_that_browsers_open) {
  Trace trace;
  std::thread([] {
    name_this_thread("fetch");
    const TraceSpan span("fetch");
  }).join();
  trace.stop();
  const auto document = trace.document({{{"ph", "X"}, {"name", "from elsewhere"}}});
  ASSERT_EQ(document.at("traceEvents").size(), 3U);
  const auto &thread = document["traceEvents"][0], &span = document["traceEvents"][1];
  EXPECT_EQ(thread.at("ph"), "M");
  EXPECT_EQ(thread.at("args").at("name"), "fetch");
  EXPECT_EQ(span.at("ph"), "X");
  EXPECT_EQ(span.at("tid"), thread.at("tid"));
  EXPECT_GE(span.at("ts"), 0);
  EXPECT_LT(span.at("ts"), 10e6) << "microseconds since the trace began";
  EXPECT_EQ(document["traceEvents"][2].at("name"), "from elsewhere");
}

TEST(Trace, there_is_one_at_a_time_and_the_next_begins_empty) {
  {
    const Trace one;
    EXPECT_THROW(Trace(), Error);
    work("lost", "lost");
  }
  Trace next;
  EXPECT_TRUE(next.stop().empty());
}

TEST(Trace, loses_nothing_of_many_threads) {
  Trace trace;
  parallel_for(8, 8, [](std::int64_t) {
    for (int i = 0; i < 1000; ++i) const TraceSpan span("one");
  });
  EXPECT_EQ(trace.stop().size(), 8000U);
}

}  // namespace
}  // namespace canopy
