// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "data/batch.h"
#include "nn/mask_rcnn.h"
#include "train/adamw.h"
#include "train/train_options.h"

namespace canopy {

/// What the losses of a batch are computed from.
std::vector<Targets> targets_of(const Batch& batch);

/// What one step tells: "loss", the five parts, "grad_norm".
struct StepOutcome {
  std::map<std::string, double> figures;
  bool was_skipped = false;  ///< loss or gradient was no number: the weights stay as they are
};

/// Losses, gradients, clipping, one step of the optimiser. `seed` decides what the losses sample.
StepOutcome train_step(const MaskRcnn& network,
                       const Batch& batch,
                       const TrainOptions& options,
                       double learning_rate,
                       std::uint64_t seed,
                       AdamW& optimiser);

}  // namespace canopy
