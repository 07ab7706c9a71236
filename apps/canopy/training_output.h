// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "train/trainer.h"

namespace canopy {

/// What a start of training prints on stdout: for people, or with `json` one document {"run",
/// "done", "steps", "seconds", "samples_per_second", "waiting_share", "model", "metrics"}. `model`
/// is where the model lies; `resume` is what one types to go on after an interruption.
void print_training(const std::string& run,
                    const TrainResult& result,
                    const std::string& model,
                    const std::string& resume,
                    bool json);

}  // namespace canopy
