// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "train/trainer.h"

namespace canopy {

/// What a start of training prints on stdout: for people, or with `json` one document {"run",
/// "done", "steps", "seconds", "samples_per_second", "waiting_share", "substituted_tiles", "model",
/// "metrics"}. `model`
/// is where the model lies; `resume` is what one types to go on after an interruption.
void print_training(const std::string& run,
                    const TrainResult& result,
                    const std::string& model,
                    const std::string& resume,
                    bool json);

/// Where asked for: figures as programs read them out of what a command prints, such as SageMaker's
/// tuning jobs. A line "step=400 loss=0.412300 val_f1=0.812300" after each evaluation, its names
/// those of metrics.csv.
AfterEvaluation metric_lines(bool are_asked_for);
/// The same at the end of a run that is done: loss, val_f1, val_box_ap50 and val_mask_ap50; without
/// a val split train_tail_f1 and so on.
void print_metrics(const TrainResult& result);

}  // namespace canopy
