// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace canopy {

/// While it lives, calls `stop` once `timeout_s` (0: never) is over or the program was asked to end
/// (base/interrupt.h). It calls again every 20 ms: a call that comes before the work has begun may
/// be forgotten by the work.
class Watchdog {
 public:
  Watchdog(double timeout_s, std::function<void()> stop);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Why it called `stop`, for people; empty while it has not.
  std::string reason() const;

 private:
  void watch(double timeout_s);

  std::function<void()> stop_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::string reason_;
  std::thread thread_;
};

}  // namespace canopy
