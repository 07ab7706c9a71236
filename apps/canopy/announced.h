// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "base/workspace.h"
#include "catalog/snapshot.h"
#include "registry/lineage_event.h"
#include "registry/registry.h"
#include "train/run_folder.h"

// The things of a workspace by the names that other systems know them by (registry/announcer.h).

namespace canopy {

/// The rows of all tiles, and the files of their examples.
LineageDataset catalog_of(const Workspace& workspace);
LineageDataset store_of(const Workspace& workspace);
/// A dataset, whose version is its id.
LineageDataset lineage_dataset(const Snapshot& dataset);
/// A model's file, whose version is its id.
LineageDataset model_of(const std::filesystem::path& path, const std::string& model_id);

/// DuckDB, PostgreSQL or Redshift, as OpenLineage spells the dialects of SQL.
std::string dialect_of(const Workspace& workspace);

/// A run as MLflow is told of it (registry/mlflow.h); `model` is empty where there is none.
nlohmann::ordered_json mlflow_run(const Workspace& workspace,
                                  const RunRecord& run,
                                  const RunFolder& folder,
                                  const nlohmann::ordered_json& metrics,
                                  const std::filesystem::path& model);

}  // namespace canopy
