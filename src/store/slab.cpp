// SPDX-License-Identifier: Apache-2.0
#include "store/slab.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>

namespace canopy {
namespace {

constexpr std::size_t kMostKept = 64;             ///< slabs
constexpr std::size_t kLargestKept = 256u << 20;  ///< bytes of one: a batch of large tiles fits
constexpr std::size_t kStep = 64u << 10;  ///< sizes are rounded up to it, so that they fit again

constexpr std::align_val_t kAlignment{64};  ///< of the widest vectors, as tensors have it

struct Aligned {
  void operator()(std::uint8_t* bytes) const { ::operator delete(bytes, kAlignment); }
};

struct Slab {
  std::unique_ptr<std::uint8_t, Aligned> bytes;
  std::size_t capacity = 0;
};

/// Slabs that wait for the next tile.
class Pool {
 public:
  Slab take(std::size_t size) {
    {
      const std::lock_guard lock(mutex_);
      // The last that came back is the likeliest to be in a cache still.
      for (auto slab = free_.rbegin(); slab != free_.rend(); ++slab)
        if (slab->capacity >= size && slab->capacity <= 2 * size + kStep) {
          Slab found = std::move(*slab);
          free_.erase(std::next(slab).base());
          return found;
        }
    }
    const std::size_t capacity = (size + kStep - 1) / kStep * kStep;
    auto* const bytes = static_cast<std::uint8_t*>(::operator new(capacity, kAlignment));
    return {std::unique_ptr<std::uint8_t, Aligned>(bytes), capacity};
  }

  void give_back(Slab slab) {
    if (slab.capacity > kLargestKept) return;
    const std::lock_guard lock(mutex_);
    if (free_.size() >= kMostKept) free_.erase(free_.begin());
    free_.push_back(std::move(slab));
  }

 private:
  std::mutex mutex_;
  std::vector<Slab> free_;
};

Pool& pool() {
  static Pool* const one = new Pool;  // outlives every thread
  return *one;
}

}  // namespace

std::shared_ptr<std::uint8_t> take_slab(std::size_t size) {
  auto slab = std::make_shared<Slab>(pool().take(std::max<std::size_t>(1, size)));
  std::uint8_t* const bytes = slab->bytes.get();
  return {bytes, [slab](std::uint8_t*) { pool().give_back(std::move(*slab)); }};
}

Plane::Plane(std::vector<std::uint8_t> bytes) {
  auto owner = std::make_shared<std::vector<std::uint8_t>>(std::move(bytes));
  bytes_ = *owner;
  owner_ = std::move(owner);
}

bool Plane::operator==(const Plane& other) const {
  return std::equal(begin(), end(), other.begin(), other.end());
}

}  // namespace canopy
