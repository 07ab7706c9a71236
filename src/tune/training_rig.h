// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "data/loader.h"
#include "train/adamw.h"
#include "train/step.h"
#include "train/trainer.h"

namespace canopy {

/// The two halves of a training run, each to be driven alone: its loader and its steps. Nothing is
/// written; the weights it begins with are those that `train` would begin with.
class TrainingRig {
 public:
  /// Throws as `train` does for data and options that it cannot train with. `data` must outlive it.
  TrainingRig(const TrainingData& data, const TrainOptions& options);

  const TrainOptions& options() const { return options_; }
  const std::vector<ExampleRef>& tiles() const { return tiles_; }
  const Normalisation& normalisation() const { return normalisation_; }
  /// A loader of the training tiles, from the beginning of the first epoch.
  std::unique_ptr<Loader> open_loader() const { return open_loader(options_.loader); }
  /// The same with other options of the loader.
  std::unique_ptr<Loader> open_loader(const LoaderOptions& loader) const;
  /// One step: losses, gradients, optimiser.
  void step(const Batch& batch);

 private:
  const TrainingData& data_;
  const TrainOptions options_;
  const std::vector<ExampleRef> tiles_;
  Normalisation normalisation_;
  MaskRcnn network_;
  AdamW optimiser_;
  StepPrecision precision_;
  std::uint64_t steps_ = 0;
};

}  // namespace canopy
