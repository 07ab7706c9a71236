// SPDX-License-Identifier: Apache-2.0
#include "train/tile_reads.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/threads.h"
#include "data/tile_read.h"

namespace canopy {

struct TileReads::Impl {
  struct Read {
    Example example;
    std::exception_ptr failure;
  };

  Impl(const BlobStore& given, std::vector<ExampleRef> list)
      : store(given), refs(std::move(list)), ahead(std::max(1, given.reads_in_flight())) {
    const auto count = std::min<std::size_t>(ahead, refs.size());
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this] { read_all(); });
  }
  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      is_over = true;
    }
    changed.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void read_all() {
    name_this_thread("tile reads");
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return is_over || begun == refs.size() || begun < taken + ahead; });
      if (is_over || begun == refs.size()) return;
      const std::size_t index = begun++;
      lock.unlock();
      Read read;
      try {
        read.example = read_tile(store, refs[index]);
      } catch (...) {
        read.failure = std::current_exception();
      }
      lock.lock();
      done.emplace(index, std::move(read));
      changed.notify_all();
    }
  }

  const BlobStore& store;
  const std::vector<ExampleRef> refs;
  const std::size_t ahead;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::size_t, Read> done;  ///< and not yet taken
  std::size_t begun = 0, taken = 0;
  bool is_over = false;
  std::vector<std::thread> threads;
};

TileReads::TileReads(const BlobStore& store, std::vector<ExampleRef> refs)
    : impl_(std::make_unique<Impl>(store, std::move(refs))) {}

TileReads::~TileReads() = default;

Example TileReads::next() {
  Impl& impl = *impl_;
  std::unique_lock lock(impl.mutex);
  check(impl.taken < impl.refs.size(), "a tile is left to read");
  impl.changed.wait(lock, [&] { return impl.done.contains(impl.taken); });
  Impl::Read read = std::move(impl.done.extract(impl.taken).mapped());
  ++impl.taken;
  impl.changed.notify_all();
  lock.unlock();
  if (read.failure) std::rethrow_exception(read.failure);
  return std::move(read.example);
}

}  // namespace canopy
