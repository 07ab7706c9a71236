// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/batch.h"
#include "nn/compute.h"
#include "train/train_options.h"
#include "tune/op_profile.h"

// How long one train step and one inference of an architecture take on this machine, on pictures
// made for it: random weights, noise with discs. It is what `canopy bench step` prints, and what is
// held against other programs that do the same.

namespace canopy {

struct StepBenchOptions {
  int size_px = 256, batch = 2, instances = 20, classes = 2;
  int threads = 0, warm_up = 1, repeat = 5;
  ComputeOptions compute = {};
  bool profile = false;
  template <class F>
  void describe(F& field) {
    field("size-px", size_px, "Edge of the pictures; a multiple of 32.");
    field("batch", batch, "Pictures in a step.");
    field("instances", instances, "Crowns drawn in each, of 8 to 24 px radius; some hide others.");
    field("classes", classes, "Of the network, with background.");
    field("threads", threads, "Threads that compute; 0: all cores.");
    field("warm-up", warm_up, "Calls before those that count.");
    field("repeat", repeat, "Calls that count.");
    compute.describe(field);
    field("profile", profile, "One more call of each, with its time by operation.");
  }
  /// Throws User, naming the field.
  void validate() const;
};

/// The seconds of one task ("train" or "detect").
struct StepTimes {
  std::string task;
  std::vector<double> seconds;
  double median_s = 0, min_s = 0;
  double detections = 0;  ///< a picture; of "detect" alone
  double flop = 0;        ///< of one call, convolutions and matrix products; 0 without profile
  std::map<std::string, OpTime> by_operation;  ///< empty without profile
};

/// The pictures of the bench: `seed` decides where the discs lie.
Batch bench_batch(const StepBenchOptions& options, int bands, std::uint64_t seed);

/// Train steps of a network with random weights (losses, gradients, optimiser).
StepTimes bench_train_step(const MaskRcnnConfig& config, const StepBenchOptions& options);
/// Inference of the same batch.
StepTimes bench_detect(const MaskRcnnConfig& config, const StepBenchOptions& options);

}  // namespace canopy
