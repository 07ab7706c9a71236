// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "data/loader.h"
#include "tune/measuring.h"

// How fast the loader alone makes batches. Unless crops are asked for, tiles are delivered whole,
// at their own scale: every plane as normalised float32 [N, C, H, W], the map of ids as int32,
// boxes and classes; the same work as any other program that reads such files for training.

namespace canopy {

struct LoaderBenchOptions {
  int samples = 320, passes = 3;
  bool crops = false;
  double consumer_per_s = 0;
  LoaderOptions loader = {};

  template <class F>
  void describe(F& field) {
    field(
        "samples", samples, "Samples of a pass; the tiles are read again until there are enough.");
    field("passes", passes, "Passes that count, after one to warm up.");
    field("crops", crops, "Cut and augment crops as training does, instead of whole tiles.");
    field("consumer-per-s",
          consumer_per_s,
          "Samples a second that a simulated consumer takes, such as an accelerator; 0: at once.");
    loader.describe(field);
  }
  /// Throws User, naming the field.
  void validate() const;
};

struct LoaderBench {
  LoaderOptions loader;         ///< as it ran: with the numbers of threads that it chose
  std::vector<LoaderRun> runs;  ///< one a pass
  Spread per_s, per_core_s, waiting_share;
};

/// With as many threads as there are cores, where the options leave that open, since nobody else
/// computes. Throws User where whole tiles are not of one size, a multiple of 32.
LoaderBench bench_loader(const BlobStore& store,
                         const std::vector<ExampleRef>& refs,
                         const LoaderBenchOptions& options,
                         Progress& progress);

/// The options that deliver tiles as they are, of the size of `first`. Throws User unless that is a
/// square whose edge is a multiple of 32.
CropOptions whole_tiles(const BlobStore& store, const ExampleRef& first, CropOptions crop);

/// The examples of a store that no dataset lists: every *.example.gz in it, in the order of names.
/// Throws NotFound when there is none.
std::vector<ExampleRef> examples_in(const BlobStore& store);

}  // namespace canopy
