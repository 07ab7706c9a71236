// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "data/batch.h"
#include "nn/mask_rcnn.h"
#include "nn/precision.h"
#include "train/adamw.h"
#include "train/loss_scaler.h"
#include "train/train_options.h"

namespace canopy {

/// What the losses of a batch are computed from.
std::vector<Targets> targets_of(const Batch& batch);

/// In which numbers steps compute; the scale of the loss changes with every step in fp16.
struct StepPrecision {
  Precision precision = Precision::Fp32;
  LossScaler scaler = LossScaler();
};

/// What one step tells: "loss", the five parts, "grad_norm", in fp16 "loss_scale".
struct StepOutcome {
  std::map<std::string, double> figures;
  std::vector<double> own_losses;  ///< of each sample; their mean is near "loss", not equal to it
  bool was_skipped = false;        ///< loss or gradient was no number: the weights stay as they are
  bool has_overflowed = false;  ///< skipped as fp16 does now and then: the loss itself is a number
};

/// Losses, gradients, clipping, one step of the optimiser. `seed` decides what the losses sample.
StepOutcome train_step(const MaskRcnn& network,
                       const Batch& batch,
                       const TrainOptions& options,
                       double learning_rate,
                       std::uint64_t seed,
                       AdamW& optimiser,
                       StepPrecision& precision);

}  // namespace canopy
