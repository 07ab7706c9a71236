// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/model_file.h"
#include "train/train_options.h"

// Where a run's weights begin: at random, with a backbone that knows ImageNet (`imagenet`), or with
// a whole model (`start`), which then also gives the architecture, the normalisation and the names
// of the classes.

namespace canopy {

/// The options with the architecture of the model that the run goes on from. Throws User when they
/// ask for another one, for both beginnings, or for a model that training cannot feed.
TrainOptions with_architecture(TrainOptions options);

/// The first weights, and what a new model inherits: `info` is the default's without `start`.
/// `options` have been through with_architecture.
Model beginning_of(const TrainOptions& options);

}  // namespace canopy
