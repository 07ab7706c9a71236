// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/batch.h"
#include "data/crop.h"
#include "data/order.h"
#include "nn/model_file.h"
#include "store/blob_store.h"

// From an order and a store to batches, without the consumer waiting:
//
//   order -> [fetch] -> queue -> [decode, crop straight into the batch's slot] -> window of batches
//   -> next()
//
// Fetching threads wait for disks and networks, working threads compute; both are ordinary threads
// of this process. They finish samples in any order inside a window of `prefetch` batches, but
// which sample stands where, and every pixel of it, is a function of (seed, epoch, position) alone:
// batches are the same for any number of threads, and a loader that starts at a later position
// gives what an earlier one would have given there. Epochs follow each other without a seam.

namespace canopy {

struct LoaderOptions {
  int batch = 4;
  int threads = 0;
  int fetch_threads = 0;
  int prefetch = 4;
  std::string on_error = "stop";
  double most_substituted = 0.05;
  bool verify = false;
  CropOptions crop = {};
  template <class F>
  void describe(F& field) {
    field("batch", batch, "Crops in a batch.");
    field("loader-threads",
          threads,
          "Threads that decode and crop; 0: all cores but one, at least one.");
    field("fetch-threads",
          fetch_threads,
          "Reads in flight; 0: as many as pay off, 2 from a folder, 32 from S3.");
    field("prefetch", prefetch, "Batches made ahead of the one in use.");
    field("on-error",
          on_error,
          "A tile that cannot be read: stop, or substitute another one and report it.");
    field("most-substituted",
          most_substituted,
          "Share of the tiles that may be substituted; beyond it, and beyond one, loading stops.");
    field("verify", verify, "Hold each tile's content against the SHA-256 that is its name.");
    crop.describe(field);
  }
  void validate() const;
};

/// A place in the endless stream of samples.
struct StreamPosition {
  std::int64_t epoch = 0, position = 0;
  auto operator<=>(const StreamPosition&) const = default;
};

/// A tile that could not be used.
struct TileFailure {
  std::string tile_id, message;
};

/// Since the loader began. Stage times are summed over threads.
struct LoaderStats {
  std::int64_t batches = 0, samples = 0, bytes = 0;
  double waiting_s = 0;  ///< that next() spent waiting, the first batch (`first_batch_s`) left out
  double first_batch_s = 0;
  double fetch_s = 0, decode_s = 0, crop_s = 0;
  double cpu_s = 0;  ///< CPU time of the working threads
};

class Loader {
 public:
  /// `store` must outlive the loader; `order` gives indices into `refs`. Throws User for empty refs
  /// or bad options.
  Loader(const BlobStore& store,
         std::vector<ExampleRef> refs,
         std::shared_ptr<const Order> order,
         LoaderOptions options,
         Normalisation normalisation,
         std::uint64_t seed,
         StreamPosition start = {});
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// The next batch, in order. Throws what stopped it, with the tile's name, when it reaches that
  /// place; it stays there.
  Batch next();
  /// Of the first sample that `next` has not handed out.
  StreamPosition position() const;

  LoaderStats stats() const;
  /// Tiles that were substituted, each once, by tile_id.
  std::vector<TileFailure> failures() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace canopy
