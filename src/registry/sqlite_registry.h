// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "registry/sqlite_session.h"

namespace canopy {

/// The registry as one SQLite file. The schema's version stands in PRAGMA user_version; a file of
/// an earlier version is brought up to date when it is opened.
class SqliteRegistry : public Registry {
 public:
  explicit SqliteRegistry(const std::filesystem::path& path, int wait_ms = 30000);

  bool record_dataset(const nlohmann::ordered_json& manifest,
                      const std::string& manifest_sha256,
                      const std::string& uri) override;
  void begin_run(const nlohmann::ordered_json& run) override;
  void finish_run(const std::string& run_id, RunStatus status, const RunCost& cost) override;
  bool record_model(const nlohmann::ordered_json& model) override;
  std::int64_t record_evaluation(const std::string& model_id,
                                 const std::string& dataset_id,
                                 const std::string& split,
                                 const nlohmann::ordered_json& metrics) override;
  std::vector<DatasetRecord> datasets() const override;
  std::vector<RunRecord> runs() const override;
  std::vector<ModelRecord> models() const override;
  std::vector<EvaluationRecord> evaluations(const std::string& model_id) const override;
  std::optional<DatasetRecord> find_dataset(const std::string& ref) const override;
  std::optional<RunRecord> find_run(const std::string& ref) const override;
  std::optional<ModelRecord> find_model(const std::string& ref) const override;
  Lineage lineage(const std::string& ref) const override;

 private:
  void migrate(const std::string& name);
  std::vector<DatasetRecord> datasets_where(const std::string& condition,
                                            const std::vector<SqliteSession::Value>& values) const;
  std::vector<RunRecord> runs_where(const std::string& condition,
                                    const std::vector<SqliteSession::Value>& values) const;
  std::vector<ModelRecord> models_where(const std::string& condition,
                                        const std::vector<SqliteSession::Value>& values) const;
  bool has(const char* table, const std::string& id) const;
  void require_known(const char* table, const char* noun, const std::string& id) const;
  /// Whether a run stands among what the model came from.
  bool came_of(const std::string& model_id, const std::string& run_id) const;
  void add_edge(const char* from_kind,
                const std::string& from_id,
                const char* to_kind,
                const std::string& to_id);

  mutable std::mutex mutex_;
  mutable SqliteSession session_;
};

}  // namespace canopy
