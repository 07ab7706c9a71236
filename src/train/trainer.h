// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/progress.h"
#include "data/order.h"
#include "nn/model_file.h"
#include "store/blob_store.h"
#include "train/run_folder.h"
#include "train/train_options.h"

// The training loop. Every step is a function of the run's options, its list of tiles and the
// step's number: the samples (order and loader), what the losses draw, the learning rate (where
// steps limit the run; a limit in minutes follows the clock). A run that is killed at any moment
// goes on from its last checkpoint with the same samples and, on one machine, to the same weights,
// bit for bit. Tiles of different weights are drawn in proportion to them, with replacement.

namespace canopy {

/// What a run trains on. `refs` are all examples of the snapshot; their split says what each is
/// for.
struct TrainingData {
  const BlobStore* store = nullptr;
  std::vector<ExampleRef> refs;
  std::string dataset_id;
  nlohmann::ordered_json manifest = nlohmann::ordered_json::object();  ///< copied to dataset.json
};

struct TrainResult {
  bool is_done = false;     ///< false: interrupted or stopped; the run can go on
  bool is_stopped = false;  ///< by whoever was asked after an evaluation
  int signal = 0;           ///< that interrupted it
  std::int64_t steps = 0;
  double seconds = 0;        ///< of training, all starts together
  double waiting_share = 0;  ///< of this start's time that was spent waiting for data
  double samples_per_s = 0;
  std::int64_t substituted_tiles = 0;
  std::int64_t examples_seen = 0;  ///< by this start
  std::int64_t bytes_read = 0;     ///< by this start's loader
  std::string model_id;
  nlohmann::ordered_json metrics = nlohmann::ordered_json::object();  ///< last losses, val figures
};

/// Asked after each evaluation (eval-every), with the figures of that step as in metrics.csv,
/// whether the run is to go on.
using AfterEvaluation =
    std::function<bool(std::int64_t step, const std::map<std::string, double>& figures)>;

/// Throws what `train` would refuse before it begins: a list without trainable tiles, options that
/// no run can have, a folder that holds a run where a new one is asked for.
void require_trainable(const TrainingData& data,
                       const TrainOptions& options,
                       const std::filesystem::path& folder,
                       bool resume);

/// Trains a new run in `folder`, or with `resume` goes on with the run that is there (its own
/// options count, then, and `options` are not looked at; a run that is done is not touched, its
/// result is returned). At the end the model is in RunFolder::model() with its working scale and
/// its best score threshold, found on the val split, or on the last tiles of the train split where
/// there is none. After SIGINT or SIGTERM (base/interrupt.h) it finishes the step, writes a
/// checkpoint and returns; so it does where `go_on` says no, and RunFolder::stopped() tells when. A
/// run that has no step left ends as it would have. Throws User for a list without trainable tiles,
/// or one that is not the run's; Conflict when `folder` holds a run.
TrainResult train(const TrainingData& data,
                  const TrainOptions& options,
                  const std::filesystem::path& folder,
                  bool resume,
                  Progress& progress,
                  const AfterEvaluation& go_on = {});

}  // namespace canopy
