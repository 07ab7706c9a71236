// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "base/workspace.h"
#include "catalog/snapshot.h"
#include "train/train_options.h"
#include "tune/setting_search.h"

namespace canopy {

/// A study of training settings: what it was begun with, and what goes on from there.
struct TrainingStudy {
  Study study;
  TrainOptions training;  ///< of all its trials, but for what is searched
  SearchOptions options;
  SearchSpace space;
};

/// studies/optuna.sqlite, which holds the studies of a workspace.
std::filesystem::path study_file(const Workspace& workspace);

/// Opens the study `name` on this dataset, or begins it. One that was begun before goes on with its
/// own options: what is given beside them must be the same, or left at its default (`usual`);
/// threads, device and the like may change. Throws Conflict otherwise, and where it is about
/// another dataset; User for options that no run of the space can be trained with.
TrainingStudy open_training_study(const Workspace& workspace,
                                  const std::string& name,
                                  const Snapshot& dataset,
                                  const TrainOptions& given,
                                  const TrainOptions& usual,
                                  const SearchOptions& options);

}  // namespace canopy
