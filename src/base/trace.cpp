// SPDX-License-Identifier: Apache-2.0
#include "base/trace.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "base/error.h"

namespace canopy {
namespace {

/// The spans of one thread. Its lock is taken by that thread and, once, by Trace::stop.
struct ThreadEvents {
  std::mutex mutex;
  std::vector<TraceEvent> events;
  std::int64_t thread = ::syscall(SYS_gettid);
  std::string name;
};

struct Threads {
  std::mutex mutex;
  std::vector<std::shared_ptr<ThreadEvents>> all;  // of threads that have ended, too
};

Threads& threads() {
  static Threads* const one = new Threads;  // outlives every thread
  return *one;
}

ThreadEvents& own_events() {
  thread_local const std::shared_ptr<ThreadEvents> own = [] {
    auto made = std::make_shared<ThreadEvents>();
    const std::lock_guard lock(threads().mutex);
    threads().all.push_back(made);
    return made;
  }();
  return *own;
}

std::string name_of_this_thread() {
  char name[16] = {};
  ::pthread_getname_np(::pthread_self(), name, sizeof name);
  return name;
}

std::int64_t nanoseconds(std::chrono::system_clock::duration time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

}  // namespace

std::atomic<bool> TraceSpan::is_on = false;

void TraceSpan::end() const {
  const auto now = std::chrono::system_clock::now();
  ThreadEvents& own = own_events();
  const std::lock_guard lock(own.mutex);
  if (!is_on.load(std::memory_order_relaxed)) return;
  if (own.events.empty()) own.name = name_of_this_thread();
  own.events.push_back({name_,
                        nanoseconds(start_.time_since_epoch()),
                        std::max<std::int64_t>(0, nanoseconds(now - start_)),
                        own.thread});
}

Trace::Trace() {
  const std::lock_guard lock(threads().mutex);
  if (TraceSpan::is_on) throw Error(Fault::Conflict, "a trace is being taken already");
  // Lists of threads that have ended, and what came in after the last trace, are of no use now.
  std::erase_if(threads().all, [](const auto& one) { return one.use_count() == 1; });
  for (const auto& one : threads().all) {
    const std::lock_guard own(one->mutex);
    one->events.clear();
  }
  start_ns_ = nanoseconds(std::chrono::system_clock::now().time_since_epoch());
  TraceSpan::is_on = true;
}

Trace::~Trace() {
  if (!is_stopped_) TraceSpan::is_on = false;
}

const std::vector<TraceEvent>& Trace::stop() {
  if (is_stopped_) return events_;
  is_stopped_ = true;
  TraceSpan::is_on = false;
  const std::lock_guard lock(threads().mutex);
  for (const auto& one : threads().all) {
    const std::lock_guard own(one->mutex);
    if (one->events.empty()) continue;
    events_.insert(events_.end(), one->events.begin(), one->events.end());
    threads_.emplace_back(one->thread, one->name);
    one->events.clear();
  }
  std::ranges::stable_sort(events_, {}, &TraceEvent::start_ns);
  return events_;
}

nlohmann::ordered_json Trace::document(const std::vector<nlohmann::ordered_json>& more) const {
  const std::int64_t process = ::getpid();
  nlohmann::ordered_json events = nlohmann::ordered_json::array();
  for (const auto& [thread, name] : threads_)
    events.push_back({{"ph", "M"},
                      {"name", "thread_name"},
                      {"pid", process},
                      {"tid", thread},
                      {"args", {{"name", name}}}});
  for (const TraceEvent& event : events_)
    events.push_back({{"ph", "X"},
                      {"name", event.name},
                      {"cat", "canopy"},
                      {"ts", static_cast<double>(event.start_ns - start_ns_) / 1e3},
                      {"dur", static_cast<double>(event.duration_ns) / 1e3},
                      {"pid", process},
                      {"tid", event.thread}});
  for (const nlohmann::ordered_json& event : more) events.push_back(event);
  return {{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}};
}

}  // namespace canopy
