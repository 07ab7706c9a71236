// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "store/blob_store.h"

namespace canopy {

/// Tests only: another store behind a network of `latency`, which counts the reads in flight.
class SlowStore : public BlobStore {
 public:
  using Seconds = std::chrono::duration<double>;
  SlowStore(BlobStore& store, Seconds latency)
      : SlowStore(store, latency, store.reads_in_flight()) {}
  SlowStore(BlobStore& store, Seconds latency, int at_once)
      : store_(store), latency_(latency), at_once_(at_once) {}

  std::vector<std::uint8_t> get(const std::string& name) const override {
    const int now = ++in_flight_;
    for (int peak = peak_; now > peak && !peak_.compare_exchange_weak(peak, now);) {
    }
    ++reads_;
    std::this_thread::sleep_for(latency_);
    --in_flight_;
    return store_.get(name);
  }
  bool put_if_absent(const std::string& name, std::span<const std::uint8_t> bytes) override {
    return store_.put_if_absent(name, bytes);
  }
  std::int64_t size(const std::string& name) const override { return store_.size(name); }
  void list(const std::string& prefix,
            const std::function<void(const std::string&, std::int64_t)>& visit) const override {
    store_.list(prefix, visit);
  }
  void remove(const std::string& name) override { store_.remove(name); }
  std::string address_of(const std::string& name) const override { return store_.address_of(name); }
  int reads_in_flight() const override { return at_once_; }

  int peak() const { return peak_; }
  int reads() const { return reads_; }

 private:
  BlobStore& store_;
  Seconds latency_;
  int at_once_;
  mutable std::atomic<int> in_flight_ = 0, peak_ = 0, reads_ = 0;
};

}  // namespace canopy
