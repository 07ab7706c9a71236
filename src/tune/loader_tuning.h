// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/progress.h"
#include "tune/loader_setting.h"
#include "tune/measuring.h"

// Which setting feeds this consumer best on this machine:
//
//   1. measure what a sample costs each stage alone: a read, a core that decodes, the consumer with
//      1, 2, 4, ... threads
//   2. model the throughput of any setting from that (tune/loader_setting.h) and search it
//   3. run the few best, and the setting that is in use, in turns, and take the best of those
//
// `exhaustive` runs every setting within the bounds too: what the search is held against.

namespace canopy {

struct LoaderTuningOptions {
  double seconds = 2;
  int candidates = 4, rounds = 3;
  int most_fetch_threads = 0, most_prefetch = 8;
  bool exhaustive = false;

  template <class F>
  void describe(F& field) {
    field("seconds", seconds, "How long each measurement takes.");
    field("candidates", candidates, "Settings that are run, of those that the model finds best.");
    field("rounds", rounds, "How often, in turns.");
    field("most-fetch-threads",
          most_fetch_threads,
          "Most reads in flight to consider; 0: four times as many as the store asks for.");
    field("most-prefetch", most_prefetch, "Most batches made ahead to consider.");
    field("exhaustive",
          exhaustive,
          "Run every setting within the bounds as well, to see what the search is worth.");
  }
  /// Throws User, naming the field.
  void validate() const;
};

/// What is tuned: `open` makes the loader anew and tells the consumer how many threads it has.
struct LoaderTrial {
  std::function<std::unique_ptr<Loader>(const LoaderSetting&)> open;
  std::function<void(const Batch&)> consume;
  LoaderSetting in_use;  ///< where the search begins, and what the result is held against
  int batch = 1, cores = 1, reads_in_flight = 1;
};

/// A setting that was run.
struct TriedSetting {
  LoaderSetting setting;
  double predicted_per_s = 0;
  Spread per_s;
  double waiting_share = 0;  ///< of the last round
};

struct LoaderTuning {
  StageCosts costs;
  TriedSetting in_use, best;
  std::vector<TriedSetting> candidates;
  double seconds = 0;  ///< what the tuning took, `exhaustive` apart
  // With `exhaustive`:
  std::vector<TriedSetting> grid;  ///< each once
  TriedSetting best_of_grid;    ///< of the best three of the grid, run again in turns with `best`
  double share_of_optimum = 0;  ///< best over best_of_grid, both medians of that
};

LoaderTuning tune_loader(const LoaderTrial& trial,
                         const LoaderTuningOptions& options,
                         Progress& progress);

}  // namespace canopy
