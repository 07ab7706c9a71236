// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "registry/sql_session.h"

namespace canopy {

/// The registry as tables of an SQL database, whichever: the SQL that all of them understand, and
/// what rows mean. Who derives from it opens the session and brings the tables up to date:
///
///   datasets, runs, models, evaluations   rows as in registry/registry.h; `rowid` numbers them in
///                                         the order in which they came
///   costs                                 one stretch of a run each
///   queries                               texts by their SHA-256
///   edges                                 from_kind, from_id, to_kind, to_id: the lineage
class SqlRegistry : public Registry {
 public:
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

 protected:
  explicit SqlRegistry(std::unique_ptr<SqlSession> session);
  SqlSession& session() const { return *session_; }

 private:
  std::vector<DatasetRecord> datasets_where(const std::string& condition,
                                            const std::vector<SqlSession::Value>& values) const;
  std::vector<RunRecord> runs_where(const std::string& condition,
                                    const std::vector<SqlSession::Value>& values) const;
  std::vector<ModelRecord> models_where(const std::string& condition,
                                        const std::vector<SqlSession::Value>& values) const;
  bool has(const char* table, const std::string& id) const;
  void require_known(const char* table, const char* noun, const std::string& id) const;
  /// Whether the second is the first, or stands among what it came from.
  bool came_of(const char* kind,
               const std::string& id,
               const char* from_kind,
               const std::string& from_id) const;
  void add_edge(const char* from_kind,
                const std::string& from_id,
                const char* to_kind,
                const std::string& to_id);

  mutable std::mutex mutex_;
  std::unique_ptr<SqlSession> session_;
};

}  // namespace canopy
