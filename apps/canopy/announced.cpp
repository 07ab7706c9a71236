// SPDX-License-Identifier: Apache-2.0
#include "announced.h"

#include "base/hash.h"
#include "figures.h"

namespace canopy {
namespace {

const char* mlflow_status(RunStatus status) {
  switch (status) {
    case RunStatus::Running:
      return "RUNNING";
    case RunStatus::Done:
      return "FINISHED";
    case RunStatus::Failed:
      return "FAILED";
    case RunStatus::Interrupted:
      return "KILLED";
  }
  return "?";
}

}  // namespace

LineageDataset catalog_of(const Workspace& workspace) {
  return lineage_dataset(workspace.address_of(workspace.config().catalog_url), "tiles");
}

LineageDataset store_of(const Workspace& workspace) {
  return lineage_dataset(workspace.address_of(workspace.config().store_url));
}

LineageDataset lineage_dataset(const Snapshot& dataset) {
  LineageDataset known = lineage_dataset(dataset.folder.string());
  known.version = dataset.id;
  known.rows = dataset.tile_count();
  return known;
}

LineageDataset model_of(const std::filesystem::path& path, const std::string& model_id) {
  LineageDataset known = lineage_dataset(path.string());
  known.version = model_id;
  return known;
}

std::string dialect_of(const Workspace& workspace) {
  const std::string& url = workspace.config().catalog_url;
  const std::string kind = url.substr(0, url.find("://"));
  return kind == "redshift" ? "redshift" : kind.starts_with("postgres") ? "postgres" : "duckdb";
}

nlohmann::ordered_json mlflow_run(const Workspace& workspace,
                                  const RunRecord& run,
                                  const RunFolder& folder,
                                  const nlohmann::ordered_json& metrics,
                                  const std::filesystem::path& model) {
  nlohmann::ordered_json tags = {{"canopy.run", run.id},
                                 {"canopy.dataset_id", run.dataset_id},
                                 {"canopy.wall_s", run.cost.wall_s},
                                 {"canopy.usd", run.cost.usd}};
  if (const std::string commit = current_commit(); !commit.empty())
    tags["mlflow.source.git.commit"] = commit;
  if (!model.empty()) tags["canopy.model_uri"] = lineage_dataset(model.string()).uri;
  return {{"key", sha256_hex(workspace.root().string() + "\n" + run.id).substr(0, 32)},
          {"name", run.id},
          {"status", mlflow_status(run.status)},
          {"started_at", run.started_at},
          {"ended_at", run.finished_at},
          {"params", run.body.value("options", nlohmann::ordered_json::object())},
          {"tags", tags},
          {"metrics", metrics},
          {"history", folder.metrics().string()}};
}

}  // namespace canopy
