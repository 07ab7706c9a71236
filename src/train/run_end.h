// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "train/run_folder.h"
#include "train/trainer.h"

namespace canopy {

/// DONE, the commit of a whole run: its result.
void write_done(const RunFolder& folder, const TrainResult& result);
/// What `write_done` wrote.
TrainResult read_done(const RunFolder& folder);

/// STOPPED, of a run that was ended early: {"steps", "seconds", "figures"}, those of its last step.
void write_stopped(const RunFolder& folder,
                   const TrainResult& result,
                   const std::map<std::string, double>& figures);

}  // namespace canopy
