// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "base/workspace.h"
#include "catalog/catalog.h"
#include "catalog/snapshot.h"
#include "data/order.h"
#include "registry/announcer.h"
#include "registry/registry.h"
#include "store/blob_store.h"
#include "train/evaluate.h"
#include "train/run_report.h"
#include "train/trainer.h"

// A workspace opened: its store, catalog, registry and datasets, as the verbs need them. What they
// make is told to other systems where canopy.toml names such (registry/announcer.h).

namespace canopy {

class OpenWorkspace {
 public:
  explicit OpenWorkspace(Workspace workspace);

  const Workspace& workspace() const { return workspace_; }
  BlobStore& store() const { return *store_; }
  Catalog& catalog() { return catalog_; }
  Registry& registry() const { return *registry_; }

  Snapshot dataset(const std::string& ref) const {
    return load_snapshot(ref, workspace_.datasets());
  }
  /// Makes the dataset and enters it in the registry.
  CreatedSnapshot create_dataset(const SnapshotOptions& options);

  /// A dataset's tiles and the store that holds them; valid as long as both.
  TrainingData training_data(const Snapshot& dataset) const;

  /// Trains on a dataset in runs/<run>, keeps the model under models/<name>-<id12>, its name being
  /// the one that the run was begun with, and records both; what the run has learnt about its tiles
  /// goes into the catalog. Returns the result; `model_path` is where the model lies, empty when
  /// interrupted or stopped.
  TrainResult train_model(const Snapshot& dataset,
                          const TrainOptions& options,
                          const std::string& run,
                          bool resume,
                          Progress& progress,
                          std::filesystem::path* model_path,
                          const AfterEvaluation& go_on = {});

  /// Enters a run that canopy-train left and that was brought to runs/<run>: what each start of it
  /// cost, its scores, and its model, which is kept as `train_model` does. Throws Conflict when the
  /// registry knows the run, NotFound when it does not know the dataset.
  RunReport import_run(const std::string& run, std::filesystem::path* model_path);

  /// Evaluates a model on a split and records the figures, which are returned as JSON.
  nlohmann::ordered_json evaluate_model(const std::filesystem::path& model,
                                        const Snapshot& dataset,
                                        const std::string& split,
                                        const EvaluateOptions& options,
                                        Progress& progress);

  /// A path relative to the workspace where it lies below it.
  std::string relative(const std::filesystem::path& path) const;

 private:
  /// A finished run's model, checked, under models/, and in the registry.
  std::filesystem::path keep_model(const RunFolder& run);
  /// Sees to it that the registry knows a model's file; returns the model's id.
  std::string enter_model(const std::filesystem::path& path, const ModelInfo& model) const;
  /// In the registry, and beside the run that made the model.
  void record_evaluation(const std::filesystem::path& path,
                         const ModelInfo& model,
                         const Snapshot& dataset,
                         const std::string& split,
                         const nlohmann::ordered_json& metrics) const;
  /// Tells MLflow where the run stands, by what the registry knows of it.
  void track(const RunFolder& run,
             const nlohmann::ordered_json& metrics,
             const std::filesystem::path& model) const;
  /// What a finished run has learnt about its tiles, into the catalog. A catalog that does not take
  /// it is told of in the log: the run and its model stand without.
  void keep_scores(const RunFolder& run, const std::string& scored_at);
  Workspace workspace_;
  std::unique_ptr<BlobStore> store_;
  Catalog catalog_;
  std::unique_ptr<Registry> registry_;
  Announcer announcer_;
};

/// A dataset's tiles as the loader takes them.
std::vector<ExampleRef> refs_of(const Snapshot& dataset);

}  // namespace canopy
