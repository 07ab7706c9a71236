// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "store/blob_store.h"

// Tests only.

namespace canopy {

inline void sleep_s(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

/// A store across a slow network.
class SlowStore : public BlobStore {
 public:
  SlowStore(BlobStore& store, double seconds) : store_(store), seconds_(seconds) {}
  std::vector<std::uint8_t> get(const std::string& name) const override {
    sleep_s(seconds_);
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

 private:
  BlobStore& store_;
  double seconds_;
};

}  // namespace canopy
