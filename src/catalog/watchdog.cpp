// SPDX-License-Identifier: Apache-2.0
#include "catalog/watchdog.h"

#include <chrono>
#include <sstream>
#include <utility>

#include "base/interrupt.h"

namespace canopy {

Watchdog::Watchdog(double timeout_s, std::function<void()> stop)
    : stop_(std::move(stop)), thread_([this, timeout_s] { watch(timeout_s); }) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::string Watchdog::reason() const {
  std::lock_guard lock(mutex_);
  return reason_;
}

void Watchdog::watch(double timeout_s) {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::milliseconds(20), [&] { return done_; })) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    if (timeout_s > 0 && spent.count() > timeout_s) {
      std::ostringstream text;
      text << "stopped at its limit of " << timeout_s << " s; ask for less, or raise timeout-s";
      reason_ = text.str();
    } else if (interrupted()) {
      reason_ = "interrupted";
    }
    if (!reason_.empty()) stop_();
  }
}

}  // namespace canopy
