// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/progress.h"
#include "data/loader.h"

// What starves what. Three ceilings are measured, one after the other: the model on batches that
// lie ready, the loader with nobody behind it, and both together as in training. Which of the first
// two the third comes near to is the bottleneck; the loader's stages say which of its threads to
// change.

namespace canopy {

struct HeadspaceOptions {
  double seconds = 8;
  int ready_batches = 4;

  template <class F>
  void describe(F& field) {
    field("seconds", seconds, "How long each of the three measurements takes.");
    field("ready-batches",
          ready_batches,
          "Batches that lie ready while the model is measured alone.");
  }
  /// Throws User, naming the field.
  void validate() const;
};

/// One stage of the loader, from what its threads did while the loader ran alone.
struct StageRate {
  double seconds_a_sample = 0;  ///< of one thread; of waiting for fetch, of CPU time for decode
  int threads = 0;
  double per_s = 0;  ///< samples that all of its threads could give
};

enum class Bottleneck {
  Model,   ///< it never waits
  Fetch,   ///< it waits, and reading from the store is the slowest stage
  Decode,  ///< it waits, and decoding is
  Cores,   ///< each alone is fast enough, together they need more cores than there are
};
const char* name_of(Bottleneck bottleneck);

struct Headspace {
  double model_per_s = 0, loader_per_s = 0, together_per_s = 0;  ///< samples
  double waiting_share = 0;  ///< of the time together that the model waited
  double cpu_share = 0;      ///< of all cores, together
  double bytes_per_s = 0;    ///< read from the store, together
  int cores = 1;
  StageRate fetch, decode;

  // What follows from it.
  Bottleneck bottleneck = Bottleneck::Model;
  int fetch_threads = 0, decode_threads = 0;  ///< to try instead
  double expected_per_s = 0;                  ///< with those
  std::string verdict;                        ///< one line for people
};

/// `open` makes the loader anew, with the threads that `options` name; `model` is what a batch goes
/// through.
Headspace measure_headspace(const std::function<std::unique_ptr<Loader>()>& open,
                            const std::function<void(const Batch&)>& model,
                            const LoaderOptions& loader,
                            const HeadspaceOptions& options,
                            Progress& progress);

/// Fills the second half from the first.
void judge(Headspace& space);

}  // namespace canopy
