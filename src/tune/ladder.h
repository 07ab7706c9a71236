// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"
#include "nn/layer_style.h"
#include "train/trainer.h"
#include "tune/loader_setting.h"
#include "tune/measuring.h"

// What each improvement brought: the same network, data and samples from the naive way to ours, one
// thing changed from rung to rung, every rung a real run, in turns. The first rung reads as one
// writes it first (tune/naive_loader.h), makes a batch when it is asked for one, holds a mask for
// each crown and computes with LibTorch's own operators, layer by layer, on maps of [N, C, H, W]. A
// change of network is no rung.
//
// Where two cores train, the network takes nearly all of the time and loaders hardly show. So the
// loader has a ladder of its own: whole tiles, in front of a simulated consumer that takes samples
// at the rate of an accelerator and computes nothing.

namespace canopy {

struct LadderOptions {
  double seconds = 4;
  int repeats = 3;
  double consumer_per_s = 200;

  template <class F>
  void describe(F& field) {
    field("seconds", seconds, "How long each run of a rung takes.");
    field("repeats", repeats, "Runs of each rung, in turns.");
    field("consumer-per-s",
          consumer_per_s,
          "Samples a second that the simulated consumer of the loader's ladder takes.");
  }
  /// Throws User, naming the field.
  void validate() const;
};

/// How a rung runs.
struct RungSettings {
  bool naive_decoding = true, dense_masks = true;
  bool is_ahead = false;  ///< batches are made by threads of the loader, ahead of their use
  LayerStyle layers = {.channels_last = false, .folded_norms = false};
  bool own_kernels = false;  ///< else LibTorch's operators
  std::string precision = "fp32";
  LoaderSetting setting;
};

struct Rung {
  std::string name, change;  ///< "id maps", "one map of ids instead of a mask for each crown"
  RungSettings how;
  Spread per_s = {};
  double step_s = 0;         ///< median, of one batch
  double waiting_share = 0;  ///< of the time, that no batch was there
  double cpu_share = 0;      ///< of all cores
  std::int64_t peak_bytes = 0;
  double usd_per_million = 0;  ///< samples; 0 without a price
  std::string limit = {};      ///< what keeps it from being faster
};

/// Rungs of training, at the price of `training.usd_per_hour`. `tuned` is the last one's setting.
std::vector<Rung> training_ladder(const TrainingData& data,
                                  const TrainOptions& training,
                                  const LoaderSetting& tuned,
                                  const LadderOptions& options,
                                  Progress& progress);

/// Rungs of the loader alone.
std::vector<Rung> loader_ladder(const TrainingData& data,
                                const TrainOptions& training,
                                const LoaderSetting& tuned,
                                const LadderOptions& options,
                                Progress& progress);

}  // namespace canopy
