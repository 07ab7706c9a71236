// SPDX-License-Identifier: Apache-2.0
#include "registry/sql_registry.h"

#include <utility>

#include "base/error.h"
#include "base/hash.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;
using Row = SqlSession::Row;

std::string text_of(const Json& object, const char* key, const char* noun) {
  const auto found = object.find(key);
  require(
      found != object.end() && found->is_string() && !found->get_ref<const std::string&>().empty(),
      [&] { return std::string(noun) + " has no '" + key + "'; the registry needs it as text"; });
  return *found;
}

std::string optional_text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

RunStatus status_of(const std::string& name) {
  for (const RunStatus status :
       {RunStatus::Running, RunStatus::Done, RunStatus::Failed, RunStatus::Interrupted})
    if (name == name_of(status)) return status;
  throw Error(Fault::Bug, "the registry holds a run with status '" + name + "'");
}

/// The record that a ref means among those that match it: by id, then the newest of that name, then
/// a lone beginning.
template <class Record, class NameOf>
std::optional<Record> pick(const std::vector<Record>& found,
                           const std::string& ref,
                           NameOf&& name_of_record) {
  for (const Record& record : found)
    if (record.id == ref) return record;
  for (auto it = found.rbegin(); it != found.rend(); ++it)
    if (name_of_record(*it) == ref || name_of_record(*it) + "-" + it->id.substr(0, 12) == ref)
      return *it;
  require(found.size() <= 1, [&] {
    return "'" + ref + "' begins the ids of " + std::to_string(found.size()) +
           " things; give more of it";
  });
  return found.empty() ? std::nullopt : std::optional<Record>(found.front());
}

/// Rows that a ref may mean, in a table with names and in one without.
constexpr const char* kByRef =
    "WHERE $1 <> '' AND (id = $1 OR name = $1 OR name || '-' || substr(id, 1, 12) = $1 "
    "OR (length($1) >= 6 AND substr(id, 1, length($1)) = $1))";
constexpr const char* kById =
    "WHERE $1 <> '' AND (id = $1 OR (length($1) >= 6 AND substr(id, 1, length($1)) = $1))";

}  // namespace

SqlRegistry::SqlRegistry(std::unique_ptr<SqlSession> session) : session_(std::move(session)) {}

bool SqlRegistry::has(const char* table, const std::string& id) const {
  bool found = false;
  session_->run(std::string("SELECT 1 FROM ") + table + " WHERE id = $1", {id}, [&](const Row&) {
    found = true;
  });
  return found;
}

void SqlRegistry::require_known(const char* table, const char* noun, const std::string& id) const {
  if (!has(table, id))
    throw Error(Fault::NotFound,
                std::string(noun) + " '" + id + "' is not in the registry; record it first");
}

void SqlRegistry::add_edge(const char* from_kind,
                           const std::string& from_id,
                           const char* to_kind,
                           const std::string& to_id) {
  session_->run("INSERT INTO edges VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                {from_kind, from_id, to_kind, to_id});
}

bool SqlRegistry::record_dataset(const Json& manifest,
                                 const std::string& manifest_sha256,
                                 const std::string& uri) {
  const std::string id = text_of(manifest, "id", "dataset"),
                    name = text_of(manifest, "name", "dataset"),
                    query = text_of(manifest, "query", "dataset");
  const Json counts = manifest.value("counts", Json::object());
  bool made = false;
  std::lock_guard lock(mutex_);
  session_->transaction([&] {
    std::string known;
    session_->run("SELECT manifest_sha256 FROM datasets WHERE id = $1", {id}, [&](const Row& row) {
      known = row.text(0);
    });
    if (!known.empty() && known != manifest_sha256)
      throw Error(Fault::Conflict,
                  "dataset " + name + "-" + id.substr(0, 12) +
                      " is in the registry with another manifest (SHA-256 " + known.substr(0, 12) +
                      "...); verify the folder");
    made = known.empty();
    if (!made) return;
    session_->run(
        "INSERT INTO datasets (id, name, manifest_sha256, uri, tiles, manifest) VALUES ($1, $2, "
        "$3, $4, $5, $6)",
        {id, name, manifest_sha256, uri, counts.value("tiles", std::int64_t{0}), manifest.dump()});
    const std::string query_id = sha256_hex(query);
    session_->run("INSERT INTO queries VALUES ($1, $2) ON CONFLICT DO NOTHING", {query_id, query});
    add_edge("query", query_id, "dataset", id);
  });
  return made;
}

void SqlRegistry::begin_run(const Json& run) {
  const std::string id = text_of(run, "id", "run"), dataset = text_of(run, "dataset_id", "run"),
                    from = optional_text(run, "started_from");
  std::lock_guard lock(mutex_);
  session_->transaction([&] {
    require_known("datasets", "dataset", dataset);
    if (!from.empty()) require_known("models", "model", from);
    std::string known;
    session_->run("SELECT dataset_id FROM runs WHERE id = $1", {id}, [&](const Row& row) {
      known = row.text(0);
    });
    if (!known.empty() && known != dataset)
      throw Error(Fault::Conflict,
                  "run '" + id + "' is of dataset " + known.substr(0, 12) + ", not of " +
                      dataset.substr(0, 12) + "; give the new run another name");
    if (!from.empty() && came_of("model", from, "run", id))
      throw Error(Fault::Conflict,
                  "run '" + id + "' cannot start from model " + from.substr(0, 12) +
                      ", which came of this very run; give the new run another name");
    if (known.empty())
      session_->run(
          "INSERT INTO runs (id, status, dataset_id, started_from, body) VALUES ($1, 'running', "
          "$2, $3, $4)",
          {id, dataset, from, run.dump()});
    else
      session_->run(
          "UPDATE runs SET status = 'running', finished_at = NULL, body = $1 WHERE id = $2",
          {run.dump(), id});
    if (!known.empty() && run.contains("started_from")) {  // its first start wrote nothing
      session_->run("UPDATE runs SET started_from = $1 WHERE id = $2", {from, id});
      session_->run(
          "DELETE FROM edges WHERE from_kind = 'model' AND to_kind = 'run' AND to_id = $1", {id});
    }
    add_edge("dataset", dataset, "run", id);
    if (!from.empty()) add_edge("model", from, "run", id);
  });
}

void SqlRegistry::finish_run(const std::string& run_id, RunStatus status, const RunCost& cost) {
  check(status != RunStatus::Running, "a run does not end as running");
  std::lock_guard lock(mutex_);
  session_->transaction([&] {
    require_known("runs", "run", run_id);
    session_->run(
        "UPDATE runs SET status = $1, finished_at = " + session_->now() + " WHERE id = $2",
        {name_of(status), run_id});
    session_->run(
        "INSERT INTO costs (run_id, wall_s, cpu_s, device_s, bytes_read, examples_seen, usd) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {run_id,
         cost.wall_s,
         cost.cpu_s,
         cost.device_s,
         cost.bytes_read,
         cost.examples_seen,
         cost.usd});
  });
}

bool SqlRegistry::record_model(const Json& model) {
  const std::string id = text_of(model, "id", "model"), name = text_of(model, "name", "model"),
                    uri = text_of(model, "uri", "model"), run = optional_text(model, "run_id");
  bool made = false;
  std::lock_guard lock(mutex_);
  session_->transaction([&] {
    if (!run.empty()) require_known("runs", "run", run);
    made = !has("models", id);
    // The same weights again, of another run: both made them, unless the run began with them.
    if (!made && !run.empty() && !came_of("run", run, "model", id))
      add_edge("run", run, "model", id);
    if (!made) return;
    session_->run("INSERT INTO models (id, name, run_id, uri, body) VALUES ($1, $2, $3, $4, $5)",
                  {id, name, run, uri, model.dump()});
    if (!run.empty()) add_edge("run", run, "model", id);
    for (const Json& parent : model.value("averaged_from", Json::array()))
      if (has("models", parent.get<std::string>())) add_edge("model", parent, "model", id);
  });
  return made;
}

std::int64_t SqlRegistry::record_evaluation(const std::string& model_id,
                                            const std::string& dataset_id,
                                            const std::string& split,
                                            const Json& metrics) {
  std::int64_t id = 0;
  std::lock_guard lock(mutex_);
  session_->transaction([&] {
    require_known("models", "model", model_id);
    require_known("datasets", "dataset", dataset_id);
    session_->run(
        "INSERT INTO evaluations (model_id, dataset_id, split, metrics) VALUES ($1, $2, $3, $4) "
        "RETURNING id",
        {model_id, dataset_id, split, metrics.dump()},
        [&](const Row& row) { id = row.whole(0); });
    add_edge("model", model_id, "evaluation", std::to_string(id));
    add_edge("dataset", dataset_id, "evaluation", std::to_string(id));
  });
  return id;
}

std::vector<DatasetRecord> SqlRegistry::datasets_where(
    const std::string& condition, const std::vector<SqlSession::Value>& values) const {
  std::vector<DatasetRecord> records;
  std::lock_guard lock(mutex_);
  session_->run(
      "SELECT id, name, created_at, manifest_sha256, uri, tiles, manifest FROM datasets " +
          condition + " ORDER BY created_at, rowid",
      values,
      [&](const Row& row) {
        records.push_back({row.text(0),
                           row.text(1),
                           row.text(2),
                           row.text(3),
                           row.text(4),
                           row.whole(5),
                           Json::parse(row.text(6))});
      });
  return records;
}

std::vector<RunRecord> SqlRegistry::runs_where(const std::string& condition,
                                               const std::vector<SqlSession::Value>& values) const {
  std::vector<RunRecord> records;
  std::lock_guard lock(mutex_);
  session_->run(
      "SELECT id, status, started_at, finished_at, dataset_id, started_from, body, sum(wall_s), "
      "sum(cpu_s), "
      "sum(device_s), sum(bytes_read), sum(examples_seen), sum(usd) FROM runs LEFT JOIN costs ON "
      "run_id = id " +
          condition + " GROUP BY id ORDER BY started_at, runs.rowid",
      values,
      [&](const Row& row) {
        records.push_back({.id = row.text(0),
                           .status = status_of(row.text(1)),
                           .started_at = row.text(2),
                           .finished_at = row.text(3),
                           .dataset_id = row.text(4),
                           .started_from = row.text(5),
                           .cost = {row.number(7),
                                    row.number(8),
                                    row.number(9),
                                    row.whole(10),
                                    row.whole(11),
                                    row.number(12)},
                           .body = Json::parse(row.text(6))});
      });
  return records;
}

std::vector<ModelRecord> SqlRegistry::models_where(
    const std::string& condition, const std::vector<SqlSession::Value>& values) const {
  std::vector<ModelRecord> records;
  std::lock_guard lock(mutex_);
  session_->run("SELECT id, name, created_at, run_id, uri, body FROM models " + condition +
                    " ORDER BY created_at, rowid",
                values,
                [&](const Row& row) {
                  records.push_back({row.text(0),
                                     row.text(1),
                                     row.text(2),
                                     row.text(3),
                                     row.text(4),
                                     Json::parse(row.text(5))});
                });
  return records;
}

std::vector<DatasetRecord> SqlRegistry::datasets() const { return datasets_where("", {}); }
std::vector<RunRecord> SqlRegistry::runs() const { return runs_where("", {}); }
std::vector<ModelRecord> SqlRegistry::models() const { return models_where("", {}); }

std::vector<EvaluationRecord> SqlRegistry::evaluations(const std::string& model_id) const {
  std::vector<EvaluationRecord> records;
  std::lock_guard lock(mutex_);
  session_->run(
      "SELECT id, model_id, dataset_id, split, created_at, metrics FROM evaluations "
      "WHERE $1 = '' OR model_id = $1 ORDER BY id",
      {model_id},
      [&](const Row& row) {
        records.push_back({row.whole(0),
                           row.text(1),
                           row.text(2),
                           row.text(3),
                           row.text(4),
                           Json::parse(row.text(5))});
      });
  return records;
}

std::optional<DatasetRecord> SqlRegistry::find_dataset(const std::string& ref) const {
  return pick(
      datasets_where(kByRef, {ref}), ref, [](const DatasetRecord& record) { return record.name; });
}
std::optional<RunRecord> SqlRegistry::find_run(const std::string& ref) const {
  return pick(runs_where(kById, {ref}), ref, [](const RunRecord& record) { return record.id; });
}
std::optional<ModelRecord> SqlRegistry::find_model(const std::string& ref) const {
  return pick(
      models_where(kByRef, {ref}), ref, [](const ModelRecord& record) { return record.name; });
}

}  // namespace canopy
