// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

// The folder in which everything lies: canopy.toml at its root, found from the current folder
// upward, as git does.
//
//   canopy.toml              examples/ab/cd....example.gz     catalog/tiles/<ingest>.parquet
//   datasets/<name>-<id12>/  queries/<name>.sql  runs/<run>/  models/  surveys/  registry.sqlite
//   studies/  outbox/

namespace canopy {

/// What canopy.toml says. Paths may be relative to the workspace's root.
struct WorkspaceConfig {
  std::string store_url = "examples/";
  std::string catalog_url = "catalog/";
  std::string registry_url = "registry.sqlite";
  double usd_per_hour = 0;
  std::string openlineage_url, openlineage_namespace = "canopy";
  std::string mlflow_url, mlflow_experiment = "canopy";

  template <class F>
  void describe(F& field) {
    field("store.url", store_url, "Where example files lie: a folder, or s3://bucket/prefix.");
    field("catalog.url",
          catalog_url,
          "Where their rows lie: a folder of Parquet parts, postgres://user@host/database, or "
          "redshift://... (docs/postgres.md).");
    field("registry.url",
          registry_url,
          "Datasets, runs, models, evaluations: an SQLite file, or postgres://user@host/database.");
    field("cost.usd_per_hour",
          usd_per_hour,
          "Price of this machine, in dollars an hour; 0: costs are not counted.");
    field("openlineage.url",
          openlineage_url,
          "Where OpenLineage events go: file:PATH (one a line) or an http(s) endpoint; empty: "
          "nowhere (docs/lineage.md).");
    field("openlineage.namespace", openlineage_namespace, "Namespace of the jobs in them.");
    field("mlflow.url", mlflow_url, "An MLflow tracking server, http(s)://...; empty: none.");
    field("mlflow.experiment", mlflow_experiment, "The experiment that runs are entered in.");
  }
};

class Workspace {
 public:
  /// Makes a workspace at `root`. Throws Conflict when it has a canopy.toml already.
  static Workspace create(const std::filesystem::path& root);
  /// Reads the workspace at `root`, or, if empty, the nearest one from the current folder upward.
  /// Throws NotFound with what to do, or User when canopy.toml is wrong.
  static Workspace open(const std::filesystem::path& root = {});

  const std::filesystem::path& root() const { return root_; }
  const WorkspaceConfig& config() const { return config_; }

  /// `path` of the config, made absolute against the root.
  std::filesystem::path resolve(const std::string& path) const;
  /// `url` of the config as it is when it names a kind of place ("s3://..."), else `resolve`d.
  std::string address_of(const std::string& url) const;
  std::filesystem::path datasets() const { return root_ / "datasets"; }
  std::filesystem::path runs() const { return root_ / "runs"; }
  std::filesystem::path models() const { return root_ / "models"; }
  std::filesystem::path queries() const { return root_ / "queries"; }
  std::filesystem::path surveys() const { return root_ / "surveys"; }
  std::filesystem::path studies() const { return root_ / "studies"; }
  std::filesystem::path outbox() const { return root_ / "outbox"; }

 private:
  Workspace(std::filesystem::path root, WorkspaceConfig config);
  std::filesystem::path root_;
  WorkspaceConfig config_;
};

}  // namespace canopy
