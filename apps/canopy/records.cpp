// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include <algorithm>
#include <optional>

#include "announced.h"
#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/options.h"
#include "catalog/score_part.h"
#include "catalog/snapshot_query.h"
#include "catalog/snapshot_refs.h"
#include "nn/model_file.h"
#include "train/run_folder.h"
#include "train/run_report.h"

namespace canopy {

namespace fs = std::filesystem;

namespace {

RunCost cost_of(const RunStart& start) {
  RunCost cost;
  cost.wall_s = start.wall_s;
  cost.cpu_s = start.cpu_s;
  cost.examples_seen = start.examples_seen;
  cost.bytes_read = start.bytes_read;
  cost.usd = start.usd;
  return cost;
}

/// What a killed start of this run took and could not record, as far as its checkpoint knew: the
/// part of the whole that no row of the registry has.
RunCost unrecorded(const TrainResult& result,
                   int batch,
                   const RunCost& recorded,
                   double usd_per_hour) {
  RunCost lost;
  lost.wall_s = std::max(0.0, result.seconds - recorded.wall_s);
  lost.examples_seen = std::max(std::int64_t{0}, result.steps * batch - recorded.examples_seen);
  lost.usd = lost.wall_s / 3600 * usd_per_hour;
  return lost;
}

RunCost operator+(RunCost a, const RunCost& b) {
  a.wall_s += b.wall_s;
  a.cpu_s += b.cpu_s;
  a.bytes_read += b.bytes_read;
  a.examples_seen += b.examples_seen;
  a.usd += b.usd;
  return a;
}

/// A run's name is that of its folder.
void require_run_name(const std::string& run) {
  require(!run.empty() && run[0] != '.' &&
              run.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "-_.") == std::string::npos,
          [&] {
            return "the run '" + run + "' is no file name; use letters, digits, '-', '_' and '.'";
          });
}

std::optional<RunRecord> known_run(const Registry& registry, const std::string& run) {
  for (RunRecord& record : registry.runs())
    if (record.id == run) return std::move(record);
  return std::nullopt;
}

RunStatus status_of(const RunStart& start) {
  for (const RunStatus status : {RunStatus::Done, RunStatus::Failed, RunStatus::Interrupted})
    if (start.status == name_of(status)) return status;
  throw Error(Fault::User, "'" + start.status + "' is not how a run ends");
}

}  // namespace

OpenWorkspace::OpenWorkspace(Workspace workspace)
    : workspace_(std::move(workspace)),
      store_(open_blob_store(workspace_.address_of(workspace_.config().store_url))),
      catalog_(Catalog::open(workspace_.address_of(workspace_.config().catalog_url))),
      registry_(Registry::open(workspace_.address_of(workspace_.config().registry_url))),
      announcer_(workspace_) {
  catalog_.see_datasets(workspace_.datasets());
}

std::string OpenWorkspace::relative(const fs::path& path) const {
  const fs::path relative = fs::proximate(fs::absolute(path), workspace_.root());
  return relative.string().starts_with("..") ? fs::absolute(path).string() : relative.string();
}

CreatedSnapshot OpenWorkspace::create_dataset(const SnapshotOptions& options) {
  LineageJob job;
  job.name = "dataset create " + options.name;
  job.type = "DATASET";
  job.sql = user_query(options);
  job.sql_dialect = dialect_of(workspace_);
  job.inputs = {catalog_of(workspace_)};
  std::optional<CreatedSnapshot> created;
  announcer_.around(job, [&] {
    created = create_snapshot(catalog_, options, workspace_.datasets());
    registry_->record_dataset(created->snapshot.manifest,
                              manifest_sha256(created->snapshot),
                              relative(created->snapshot.folder));
    return std::vector{lineage_dataset(created->snapshot)};
  });
  return *std::move(created);
}

std::vector<ExampleRef> refs_of(const Snapshot& dataset) {
  std::vector<ExampleRef> refs;
  for (const SnapshotRef& ref : read_refs(dataset))
    refs.push_back({ref.tile_id, ref.uri, ref.bytes, ref.split, ref.label_kind, ref.weight});
  return refs;
}

TrainingData OpenWorkspace::training_data(const Snapshot& dataset) const {
  TrainingData data;
  data.store = store_.get();
  data.refs = refs_of(dataset);
  data.dataset_id = dataset.id;
  data.manifest = dataset.manifest;
  return data;
}

TrainResult OpenWorkspace::train_model(const Snapshot& dataset,
                                       const TrainOptions& options,
                                       const std::string& run,
                                       bool resume,
                                       Progress& progress,
                                       fs::path* model_path,
                                       const AfterEvaluation& go_on) {
  require_run_name(run);
  const RunFolder folder(workspace_.runs() / run);
  const std::optional<RunRecord> known = known_run(*registry_, run);
  if (resume && known && known->dataset_id != dataset.id)
    throw Error(Fault::Conflict,
                "run '" + run + "' is of dataset " + known->dataset_id.substr(0, 12) + ", not of " +
                    dataset.ref() + "; name its own");
  const TrainingData data = training_data(dataset);
  require_trainable(data, options, folder.path(), resume);
  TrainResult result;
  model_path->clear();
  const auto finish = [&] {
    if (!result.is_done) return;
    *model_path = keep_model(folder);
    keep_scores(folder, registry_->find_run(run)->finished_at);
  };
  if (folder.is_done()) {
    result = train(data, options, folder.path(), resume, progress);
    finish();
    return result;
  }
  TrainOptions described = resume ? folder.options() : options;
  nlohmann::ordered_json begun = {
      {"id", run}, {"dataset_id", dataset.id}, {"options", Fields(described).to_json()}};
  if (!resume)
    begun["started_from"] = described.start.empty()
                                ? ""
                                : enter_model(described.start, load_model_info(described.start));
  registry_->begin_run(begun);
  LineageJob job;
  job.name = "train " + dataset.name;
  job.type = "TRAIN";
  job.inputs = {lineage_dataset(dataset)};
  if (!described.start.empty()) job.inputs.push_back(model_of(described.start, ""));
  announcer_.around(job, [&] {
    track(folder, {}, {});
    const double price =
        described.usd_per_hour > 0 ? described.usd_per_hour : workspace_.config().usd_per_hour;
    const StartClock clock;
    try {
      result = train(data, options, folder.path(), resume, progress, go_on);
    } catch (...) {  // whatever it was, the run does not go on
      registry_->finish_run(run, RunStatus::Failed, cost_of(clock.stop(nullptr, price)));
      track(folder, {}, {});
      throw;
    }
    const RunStart start = clock.stop(&result, price);
    const RunCost own = cost_of(start), before = known ? known->cost : RunCost();
    registry_->finish_run(run,
                          status_of(start),
                          own + unrecorded(result, described.loader.batch, before + own, price));
    finish();
    track(folder, result.metrics, *model_path);
    return result.is_done ? std::vector{model_of(*model_path, result.model_id)}
                          : std::vector<LineageDataset>();
  });
  return result;
}

fs::path OpenWorkspace::keep_model(const RunFolder& run) {
  const ModelInfo info = load_model(run.model()).info;
  fs::path path =
      workspace_.models() / (info.name + "-" + info.model_id.substr(0, 12) + ".safetensors");
  write_file(path, read_file(run.model()), AtomicFile::Existing::Keep);
  registry_->record_model({{"id", info.model_id},
                           {"name", info.name},
                           {"uri", relative(path)},
                           {"run_id", info.run_id},
                           {"metrics", info.metrics}});
  return path;
}

void OpenWorkspace::track(const RunFolder& run,
                          const nlohmann::ordered_json& metrics,
                          const fs::path& model) const {
  if (!announcer_.has_mlflow()) return;
  const auto known = registry_->find_run(run.path().filename().string());
  announcer_.track(mlflow_run(workspace_, *known, run, metrics, model));
}

void OpenWorkspace::keep_scores(const RunFolder& run, const std::string& scored_at) {
  if (!fs::exists(run.scores())) return;  // of a run that an earlier version made
  const std::string id = run.path().filename().string();
  try {
    const std::int64_t tiles = catalog_.record_scores({run.scores(), id, scored_at});
    log_info("scores of " + std::to_string(tiles) + " tiles");
  } catch (const Error& error) {
    log_warning("the catalog took no scores: " + std::string(error.what()) + "; they stay in " +
                relative(run.scores()));
  }
}

RunReport OpenWorkspace::import_run(const std::string& run, fs::path* model_path) {
  const RunFolder folder(workspace_.runs() / run);
  RunReport report = read_run_report(folder);
  require(report.id == run, [&] {
    return folder.path().string() + " holds the run '" + report.id +
           "'; give its folder that name again";
  });
  require(!report.dataset_id.empty(), [&] {
    return report_path(folder).string() +
           ": the list that it was trained on names no dataset; write lists with 'canopy dataset "
           "export'";
  });
  if (registry_->find_run(run))
    throw Error(Fault::Conflict, "the registry knows the run '" + run + "' already");
  for (const RunStart& start : report.starts) {
    registry_->begin_run({{"id", run},
                          {"dataset_id", report.dataset_id},
                          {"options", report.options},
                          {"started_elsewhere_at", start.started_at}});
    registry_->finish_run(run, status_of(start), cost_of(start));
  }
  *model_path = report.model_id.empty() ? fs::path() : keep_model(folder);
  if (!report.model_id.empty()) keep_scores(folder, report.starts.back().finished_at);
  track(folder, report.metrics, *model_path);
  return report;
}

nlohmann::ordered_json OpenWorkspace::evaluate_model(const fs::path& path,
                                                     const Snapshot& dataset,
                                                     const std::string& split,
                                                     const EvaluateOptions& options,
                                                     Progress& progress) {
  const Model model = load_model(path);
  std::vector<ExampleRef> refs;
  for (ExampleRef& ref : refs_of(dataset))
    if (ref.split == split) refs.push_back(std::move(ref));
  require(!refs.empty(),
          dataset.ref() + " has no tile in split '" + split + "'; see 'canopy dataset show'");
  nlohmann::ordered_json metrics;
  LineageJob job;
  job.name = "eval " + dataset.name;
  job.type = "EVALUATION";
  job.inputs = {model_of(path, model.info.model_id), lineage_dataset(dataset)};
  announcer_.around(job, [&] {
    metrics = to_json(evaluate(model, *store_, refs, options, progress));
    if (!options.without.empty()) metrics["without"] = options.without;
    record_evaluation(path, model.info, dataset, split, metrics);
    return std::vector<LineageDataset>();
  });
  return metrics;
}

std::string OpenWorkspace::enter_model(const fs::path& path, const ModelInfo& model) const {
  if (!registry_->find_model(model.model_id))
    registry_->record_model({{"id", model.model_id},
                             {"name", model.name},
                             {"uri", relative(path)},
                             {"averaged_from", model.averaged_from}});
  return model.model_id;
}

void OpenWorkspace::record_evaluation(const fs::path& path,
                                      const ModelInfo& model,
                                      const Snapshot& dataset,
                                      const std::string& split,
                                      const nlohmann::ordered_json& metrics) const {
  registry_->record_evaluation(enter_model(path, model), dataset.id, split, metrics);
  const RunFolder run(workspace_.runs() / model.run_id);
  if (!model.run_id.empty() && run.exists())
    write_file(run.eval() / (dataset.ref() + "-" + split + ".json"), metrics.dump(2) + "\n");
}

}  // namespace canopy
