// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <map>
#include <vector>

#include "train/train_options.h"

// The few integers that decide how well a loader feeds its consumer, and a model of what they
// bring.

namespace canopy {

struct LoaderSetting {
  int fetch_threads = 2, loader_threads = 1, prefetch = 4, threads = 1;

  auto operator<=>(const LoaderSetting&) const = default;
  /// Named as `train` names them, so that their TOML is a config of it.
  template <class F>
  void describe(F& field) {
    field("fetch-threads", fetch_threads, "Reads in flight.");
    field("loader-threads", loader_threads, "Threads that decode and crop.");
    field("prefetch", prefetch, "Batches made ahead of the one in use.");
    field("threads", threads, "Threads that compute.");
  }
};

/// What training would run with these options, zeros resolved.
LoaderSetting setting_of(const TrainOptions& options, int reads_in_flight, int cores);

/// What one sample costs each stage, measured one stage at a time.
struct StageCosts {
  int cores = 1, batch = 1;
  double fetch_s = 0;   ///< from asking a store for it until it is there
  double decode_s = 0;  ///< of one core
  struct Consumer {
    double wall_s = 0, cpu_s = 0;
  };
  std::map<int, Consumer> consumer;  ///< by the threads that compute, at least one entry

  /// Of the largest measured number of threads that is not above `threads`.
  const Consumer& consumer_with(int threads) const;
};

/// Samples a second: the least that a stage, or all cores together, can give. Reads in flight are
/// no more than the window of batches has room for (Little's law); a short window loses a little
/// whenever one sample takes longer than the others (kJitter), and of settings that are equal
/// otherwise the one with fewer threads is a little better.
double predicted_per_s(const StageCosts& costs, const LoaderSetting& setting);

/// The settings that are considered: powers of two, up to these.
struct SettingBounds {
  int fetch_threads = 8, loader_threads = 2, prefetch = 8, threads = 2;
  std::vector<LoaderSetting> all() const;
};

/// The `count` best by `predicted_per_s` of those that dlib's global search (an upper bound from
/// what was seen, in turns with a quadratic model around the best) looked at: on a machine of 64
/// cores 150 of some thousand. Best first; the same for the same costs.
std::vector<LoaderSetting> best_predicted(const StageCosts& costs,
                                          const SettingBounds& bounds,
                                          int count);

}  // namespace canopy
