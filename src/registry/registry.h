// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

// What was made from what, by what, at what cost. The registry holds small rows; the things
// themselves are files.
//
//   query ──> dataset ──> run ──> model ──> evaluation
//                │                  │ ├──> run (that started from its weights)
//                │                  │ ├──> model (the mean of several)
//                └──────────────────┴───> evaluation (of that model on that dataset)
//
// Rows are written once, at the moment the file is there; only a run changes, from running to how
// it ended. Times are UTC, ISO 8601, given by the registry. A ref is a name (its newest row), an
// id, or the beginning of an id.

namespace canopy {

struct DatasetRecord {
  std::string id, name, created_at;
  std::string manifest_sha256;  ///< of dataset.json, so that it can be verified
  std::string uri;              ///< its folder, relative to the workspace
  std::int64_t tile_count = 0;
  nlohmann::ordered_json manifest;
};

/// What a stretch of work took. A run that was resumed has several; they add up.
struct RunCost {
  double wall_s = 0, cpu_s = 0, device_s = 0;
  std::int64_t bytes_read = 0, examples_seen = 0;
  double usd = 0;
};

enum class RunStatus { Running, Done, Failed, Interrupted };
const char* name_of(RunStatus status);

struct RunRecord {
  std::string id;
  RunStatus status = RunStatus::Running;
  std::string started_at, finished_at;  ///< finished_at is empty while it runs (or was killed)
  std::string dataset_id;
  std::string started_from;  ///< the model whose weights it began with; may be empty
  RunCost cost;              ///< of all its stretches
  nlohmann::ordered_json body;
};

struct ModelRecord {
  std::string id, name, created_at;
  std::string run_id;  ///< empty for a model from elsewhere
  std::string uri;     ///< its file, relative to the workspace
  nlohmann::ordered_json body;
};

struct EvaluationRecord {
  std::int64_t id = 0;
  std::string model_id, dataset_id, split, created_at;
  nlohmann::ordered_json metrics;
};

/// A thing in the history of another.
struct LineageNode {
  std::string kind;   ///< "query", "dataset", "run", "model", "evaluation"
  std::string id;     ///< for a query: SHA-256 of its text
  std::string title;  ///< a name, a status, the text of the query, ...
  int distance = 0;   ///< steps from what was asked: negative for what it came from, positive for
                      ///< what came of it
};
struct LineageEdge {
  std::string from_kind, from_id, to_kind, to_id;
};
struct Lineage {
  std::vector<LineageNode> nodes;  ///< by distance, then kind and id
  std::vector<LineageEdge> edges;  ///< among the nodes
};

/// One registry. Every call is one transaction: it is there whole or not at all, whatever is
/// killed. Calls may come from many threads and many processes; they wait for each other.
class Registry {
 public:
  virtual ~Registry() = default;
  /// The path of an SQLite file, or the address of a PostgreSQL database
  /// (catalog/postgres_address.h); made when missing. Throws User for another kind of address, for
  /// what is no registry, and for one of a later version.
  static std::unique_ptr<Registry> open(const std::string& url);

  /// From a dataset.json. Returns false when this dataset is known already; throws Conflict when it
  /// is known with another manifest.
  virtual bool record_dataset(const nlohmann::ordered_json& manifest,
                              const std::string& manifest_sha256,
                              const std::string& uri) = 0;

  /// `run` has `id` and `dataset_id`, may have `started_from`, and whatever else is worth keeping
  /// (config, machine, commit). A run that is known is running again: a resume, or with
  /// `started_from` (which may be empty) a beginning anew of one that never wrote a checkpoint.
  /// Throws Conflict when it was of another dataset, NotFound when the dataset or the model is not
  /// known.
  virtual void begin_run(const nlohmann::ordered_json& run) = 0;
  /// Ends the stretch that `begin_run` began and adds its cost. Throws NotFound.
  virtual void finish_run(const std::string& run_id, RunStatus status, const RunCost& cost) = 0;

  /// `model` has `id`, `name` and `uri`, `run_id` when a run made it, and `averaged_from` (ids)
  /// when it is the mean of others. False when it is known already: then the run that made it again
  /// is linked to it.
  virtual bool record_model(const nlohmann::ordered_json& model) = 0;
  /// Returns the row's number. Throws NotFound when the model or the dataset is not known.
  virtual std::int64_t record_evaluation(const std::string& model_id,
                                         const std::string& dataset_id,
                                         const std::string& split,
                                         const nlohmann::ordered_json& metrics) = 0;

  /// Oldest first.
  virtual std::vector<DatasetRecord> datasets() const = 0;
  virtual std::vector<RunRecord> runs() const = 0;
  virtual std::vector<ModelRecord> models() const = 0;
  virtual std::vector<EvaluationRecord> evaluations(const std::string& model_id = "") const = 0;

  /// Nothing when there is none; throws User when several ids begin so.
  virtual std::optional<DatasetRecord> find_dataset(const std::string& ref) const = 0;
  virtual std::optional<RunRecord> find_run(const std::string& ref) const = 0;
  virtual std::optional<ModelRecord> find_model(const std::string& ref) const = 0;

  /// All that the model, run or dataset came from and all that came of it. Throws NotFound.
  virtual Lineage lineage(const std::string& ref) const = 0;
};

}  // namespace canopy
