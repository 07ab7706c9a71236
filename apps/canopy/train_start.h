// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "command.h"
#include "train/train_options.h"

namespace canopy {

/// Where a training's weights begin, as people say it.
struct TrainStart {
  std::string weights = "imagenet";

  template <class F>
  void describe(F& field) {
    field("weights",
          weights,
          "Where the weights begin: imagenet (the backbone's), random, or a model: a .safetensors "
          "file, bundled, or the name of one of the workspace.");
  }
  /// As options of the run. What those say already (imagenet, start) counts more.
  void apply(TrainOptions& options, Context& context) const;
};

}  // namespace canopy
