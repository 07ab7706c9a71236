// SPDX-License-Identifier: Apache-2.0
#include "data/loader.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <ATen/ATen.h>

#include "base/bounded_queue.h"
#include "base/log.h"
#include "base/threads.h"
#include "base/trace.h"
#include "data/tile_read.h"
#include "nn/bands.h"
#include "store/slab.h"

namespace canopy {
namespace {

constexpr int kSubstitutes = 8;  ///< tiles tried in place of a broken one

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double thread_cpu_s() {
  timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// A batch on its way: its tensors, and how many of its samples are still missing.
struct Slot {
  Batch batch;
  int missing = 0;
  std::exception_ptr failure;
};

/// One sample on its way: fetched, not yet decoded.
struct Fetched {
  Slot* slot = nullptr;
  int row = 0;
  StreamPosition at;
  std::vector<std::uint8_t> bytes;
  std::exception_ptr failure;
};

/// A tensor of no particular values whose memory is used again: fresh pages for a batch would cost
/// as much as making its samples.
at::Tensor recycled(at::IntArrayRef shape, at::ScalarType type) {
  const std::size_t bytes =
      static_cast<std::size_t>(c10::multiply_integers(shape)) * c10::elementSize(type);
  std::shared_ptr<std::uint8_t> slab = take_slab(bytes);
  return at::from_blob(
      slab.get(), shape, [slab](void*) {}, at::TensorOptions(type));
}

}  // namespace

void LoaderOptions::validate() const {
  require(batch >= 1, "batch must be at least 1");
  require(threads >= 0, "loader-threads must not be negative");
  require(fetch_threads >= 0, "fetch-threads must not be negative");
  require(prefetch >= 1, "prefetch must be at least 1");
  require(on_error == "stop" || on_error == "substitute",
          [&] { return "on-error: '" + on_error + "' is neither stop nor substitute"; });
  require(most_substituted >= 0 && most_substituted <= 1, "most-substituted must lie in [0, 1]");
  crop.validate();
}

struct Loader::Impl {
  const BlobStore& store;
  const std::vector<ExampleRef> refs;
  const std::shared_ptr<const Order> order;
  const LoaderOptions options;
  const Normalisation normalisation;
  const std::uint64_t seed;

  mutable std::mutex mutex;
  std::condition_variable room, ready;
  std::deque<std::unique_ptr<Slot>> window;  ///< the first is the one that next() hands out
  int claimed_rows = 0;                      ///< of the window's last slot
  StreamPosition claim_at, next_at;
  std::atomic<bool> is_closing = false;
  LoaderStats stats;
  std::map<std::string, std::string> failures;

  BoundedQueue<Fetched> fetched;
  std::vector<std::thread> threads;

  Impl(const BlobStore& store_,
       std::vector<ExampleRef> refs_,
       std::shared_ptr<const Order> order_,
       LoaderOptions options_,
       Normalisation normalisation_,
       std::uint64_t seed_,
       StreamPosition start)
      : store(store_),
        refs(std::move(refs_)),
        order(std::move(order_)),
        options(std::move(options_)),
        normalisation(std::move(normalisation_)),
        seed(seed_),
        claim_at(start),
        next_at(start),
        fetched(static_cast<std::size_t>(options.batch) * options.prefetch) {}

  StreamPosition after(StreamPosition at, std::int64_t samples) const {
    at.position += samples;
    at.epoch += at.position / order->size();
    at.position %= order->size();
    return at;
  }

  const ExampleRef& ref_at(StreamPosition at) const {
    const std::int64_t index = order->at(at.epoch, at.position);
    check(index >= 0 && index < std::ssize(refs), "an order within the list of examples");
    return refs[static_cast<std::size_t>(index)];
  }

  std::unique_ptr<Slot> new_slot() const {
    auto slot = std::make_unique<Slot>();
    const std::int64_t n = options.batch, size = options.crop.size_px;
    slot->missing = options.batch;
    slot->batch.planes = recycled({n, std::ssize(kModelBands), size, size}, at::kFloat);
    slot->batch.id_maps = recycled({n, size, size}, at::kInt);
    slot->batch.ignore = recycled({n, size, size}, at::kBool);
    slot->batch.labels.resize(static_cast<std::size_t>(n));
    return slot;
  }

  /// The next row to be made, once the window has room for it. Nothing when the loader closes.
  std::optional<Fetched> claim() {
    std::unique_lock lock(mutex);
    room.wait(lock, [&] {
      return is_closing || (!window.empty() && claimed_rows < options.batch) ||
             std::ssize(window) < options.prefetch;
    });
    if (is_closing) return std::nullopt;
    if (window.empty() || claimed_rows == options.batch) {
      window.push_back(new_slot());
      window.back()->batch.epoch = claim_at.epoch;
      window.back()->batch.first_position = claim_at.position;
      claimed_rows = 0;
    }
    Fetched claimed;
    claimed.slot = window.back().get();
    claimed.row = claimed_rows++;
    claimed.at = claim_at;
    claim_at = after(claim_at, 1);
    return claimed;
  }

  void fetch_all() {
    name_this_thread("fetch");
    while (std::optional<Fetched> claimed = claim()) {
      const auto started = Clock::now();
      const TraceSpan span("fetch");
      try {
        claimed->bytes = store.get(ref_at(claimed->at).uri);
      } catch (...) {
        claimed->failure = std::current_exception();
      }
      {
        std::lock_guard lock(mutex);
        stats.fetch_s += seconds_since(started);
        stats.bytes += std::ssize(claimed->bytes);
      }
      if (!fetched.push(std::move(*claimed))) return;
    }
  }

  void decode_into(const Fetched& sample,
                   const ExampleRef& ref,
                   std::span<const std::uint8_t> bytes) {
    const auto started = Clock::now();
    const Example example = [&] {
      const TraceSpan span("decode");
      return open_tile(bytes, ref, options.verify);
    }();
    const TraceSpan span("crop");
    const double decode_s = seconds_since(started);
    const std::ptrdiff_t size = options.crop.size_px, row = sample.row;
    Batch& batch = sample.slot->batch;
    const SampleMemory memory{
        batch.planes.data_ptr<float>() + row * std::ssize(kModelBands) * size * size,
        batch.id_maps.data_ptr<std::int32_t>() + row * size * size,
        batch.ignore.data_ptr<bool>() + row * size * size};
    SampleLabels labels = make_sample(
        example, options.crop, normalisation, seed, sample.at.epoch, sample.at.position, memory);
    labels.tile_id = ref.tile_id;
    batch.labels[static_cast<std::size_t>(row)] = std::move(labels);
    std::lock_guard lock(mutex);
    stats.decode_s += decode_s;
    stats.crop_s += seconds_since(started) - decode_s;
  }

  /// Makes the sample, or one in its place. Which one is a function of the position.
  void make(const Fetched& sample) {
    StreamPosition at = sample.at;
    for (int attempt = 0;; ++attempt) {
      const ExampleRef& ref = ref_at(at);
      try {
        if (attempt == 0 && sample.failure) std::rethrow_exception(sample.failure);
        return attempt == 0 ? decode_into(sample, ref, sample.bytes)
                            : decode_into(sample, ref, store.get(ref.uri));
      } catch (const std::exception& error) {
        const auto* known = dynamic_cast<const Error*>(&error);
        const Error named(
            known ? known->fault() : Fault::Environment,
            "tile " + ref.tile_id + " (" + store.address_of(ref.uri) + "): " + error.what());
        if (options.on_error == "stop" || attempt == kSubstitutes) throw named;
        substitute(ref, named);
      }
      at = after(at, 1);
    }
  }

  /// Counts and tells of a tile that cannot be used. Throws when they are too many.
  void substitute(const ExampleRef& ref, const Error& why) {
    std::lock_guard lock(mutex);
    if (!failures.emplace(ref.tile_id, why.what()).second) return;
    log_warning(why.what());
    const auto most = std::max(
        std::int64_t{1},
        static_cast<std::int64_t>(options.most_substituted * static_cast<double>(refs.size())));
    if (std::ssize(failures) <= most) return;
    throw Error(why.fault(),
                std::to_string(failures.size()) + " of " + std::to_string(refs.size()) +
                    " tiles cannot be used, more than most-substituted allows (" +
                    std::to_string(most) + "); the last: " + why.what());
  }

  void work_all() {
    name_this_thread("decode");
    double cpu = thread_cpu_s();
    while (std::optional<Fetched> sample = fetched.pop()) {
      if (is_closing) continue;
      std::exception_ptr failure;
      try {
        make(*sample);
      } catch (...) {
        failure = std::current_exception();
      }
      const double now = thread_cpu_s();
      std::lock_guard lock(mutex);
      stats.cpu_s += now - cpu;
      cpu = now;
      ++stats.samples;
      Slot& slot = *sample->slot;
      if (failure && !slot.failure) slot.failure = failure;
      if (--slot.missing == 0) ready.notify_all();
    }
  }
};

Loader::Loader(const BlobStore& store,
               std::vector<ExampleRef> refs,
               std::shared_ptr<const Order> order,
               LoaderOptions options,
               Normalisation normalisation,
               std::uint64_t seed,
               StreamPosition start) {
  options.validate();
  require(!refs.empty(), "there is no example to load; check the dataset's query and split");
  require(start.epoch >= 0 && start.position >= 0 && start.position < order->size(),
          "the loader's start lies outside the epoch");
  impl_ = std::make_unique<Impl>(store,
                                 std::move(refs),
                                 std::move(order),
                                 std::move(options),
                                 std::move(normalisation),
                                 seed,
                                 start);
  const int workers =
      impl_->options.threads > 0 ? impl_->options.threads : std::max(1, available_cores() - 1);
  const int readers =
      impl_->options.fetch_threads > 0 ? impl_->options.fetch_threads : store.reads_in_flight();
  for (int i = 0; i < readers; ++i) impl_->threads.emplace_back([this] { impl_->fetch_all(); });
  for (int i = 0; i < workers; ++i) impl_->threads.emplace_back([this] { impl_->work_all(); });
}

Loader::~Loader() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->is_closing = true;
    impl_->room.notify_all();
  }
  impl_->fetched.close();
  for (std::thread& thread : impl_->threads) thread.join();
}

Batch Loader::next() {
  Impl& all = *impl_;
  const auto started = Clock::now();
  const TraceSpan span("wait for a batch");
  std::unique_lock lock(all.mutex);
  all.ready.wait(lock, [&] { return !all.window.empty() && all.window.front()->missing == 0; });
  if (all.window.front()->failure) std::rethrow_exception(all.window.front()->failure);
  Batch batch = std::move(all.window.front()->batch);
  all.window.pop_front();
  all.room.notify_all();
  all.next_at = all.after(all.next_at, all.options.batch);
  (all.stats.batches == 0 ? all.stats.first_batch_s : all.stats.waiting_s) +=
      seconds_since(started);
  ++all.stats.batches;
  return batch;
}

StreamPosition Loader::position() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->next_at;
}

LoaderStats Loader::stats() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->stats;
}

std::vector<TileFailure> Loader::failures() const {
  std::lock_guard lock(impl_->mutex);
  std::vector<TileFailure> list;
  for (const auto& [tile_id, message] : impl_->failures) list.push_back({tile_id, message});
  return list;
}

}  // namespace canopy
