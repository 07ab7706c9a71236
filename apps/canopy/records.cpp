// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include <ctime>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/options.h"
#include "catalog/snapshot_refs.h"
#include "nn/model_file.h"
#include "train/run_folder.h"

namespace canopy {

namespace fs = std::filesystem;

namespace {

/// CPU time of the whole process so far.
double cpu_seconds() {
  timespec time = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

OpenWorkspace::OpenWorkspace(Workspace workspace)
    : workspace_(std::move(workspace)),
      store_(open_blob_store(workspace_.resolve(workspace_.config().store_url).string())),
      catalog_(Catalog::open(workspace_.resolve(workspace_.config().catalog_url).string())),
      registry_(Registry::open(workspace_.resolve(workspace_.config().registry_url).string())) {}

std::string OpenWorkspace::relative(const fs::path& path) const {
  const fs::path relative = fs::proximate(fs::absolute(path), workspace_.root());
  return relative.string().starts_with("..") ? fs::absolute(path).string() : relative.string();
}

CreatedSnapshot OpenWorkspace::create_dataset(const SnapshotOptions& options) {
  CreatedSnapshot created = create_snapshot(catalog_, options, workspace_.datasets());
  registry_->record_dataset(created.snapshot.manifest,
                            manifest_sha256(created.snapshot),
                            relative(created.snapshot.folder));
  return created;
}

std::vector<ExampleRef> refs_of(const Snapshot& dataset) {
  std::vector<ExampleRef> refs;
  for (const SnapshotRef& ref : read_refs(dataset))
    refs.push_back({ref.tile_id, ref.uri, ref.bytes, ref.split, ref.label_kind, ref.weight});
  return refs;
}

TrainResult OpenWorkspace::train_model(const Snapshot& dataset,
                                       const TrainOptions& options,
                                       const std::string& run,
                                       bool resume,
                                       Progress& progress,
                                       fs::path* model_path) {
  const RunFolder folder(workspace_.runs() / run);
  TrainingData data;
  data.store = store_.get();
  data.refs = refs_of(dataset);
  data.dataset_id = dataset.id;
  data.manifest = dataset.manifest;

  const bool was_done = folder.is_done();
  TrainOptions described = options;
  if (!was_done)
    registry_->begin_run(
        {{"id", run}, {"dataset_id", dataset.id}, {"options", Fields(described).to_json()}});
  const double cpu_before = cpu_seconds();
  TrainResult result;
  try {
    result = train(data, options, folder.path(), resume, progress);
  } catch (const Error&) {
    if (!was_done) registry_->finish_run(run, RunStatus::Failed, {});
    throw;
  }
  if (!was_done) {
    RunCost cost;
    cost.wall_s = result.seconds;
    cost.cpu_s = cpu_seconds() - cpu_before;
    cost.examples_seen = static_cast<std::int64_t>(result.samples_per_s * result.seconds);
    cost.usd = result.seconds / 3600 * workspace_.config().usd_per_hour;
    registry_->finish_run(run, result.is_done ? RunStatus::Done : RunStatus::Interrupted, cost);
  }
  model_path->clear();
  if (!result.is_done) return result;
  const std::string name = load_model_info(folder.model()).name;
  *model_path = workspace_.models() / (name + "-" + result.model_id.substr(0, 12) + ".safetensors");
  write_file(*model_path, read_file(folder.model()), AtomicFile::Existing::Keep);
  registry_->record_model({{"id", result.model_id},
                           {"name", name},
                           {"uri", relative(*model_path)},
                           {"run_id", run},
                           {"metrics", result.metrics}});
  return result;
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
  const nlohmann::ordered_json metrics = to_json(evaluate(model, *store_, refs, options, progress));
  if (!registry_->find_model(model.info.model_id))
    registry_->record_model(
        {{"id", model.info.model_id}, {"name", model.info.name}, {"uri", relative(path)}});
  registry_->record_evaluation(model.info.model_id, dataset.id, split, metrics);
  const RunFolder run(workspace_.runs() / model.info.run_id);
  if (!model.info.run_id.empty() && run.exists())
    write_file(run.eval() / (dataset.ref() + "-" + split + ".json"), metrics.dump(2) + "\n");
  return metrics;
}

}  // namespace canopy
