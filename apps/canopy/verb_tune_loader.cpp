// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <ATen/Parallel.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/threads.h"
#include "records.h"
#include "train_start.h"
#include "tune/loader_tuning.h"
#include "tune/training_rig.h"
#include "tuned_defaults.h"
#include "verbs.h"

namespace canopy {
namespace {

struct TuneLoaderState {
  std::string dataset;
  TrainStart start;
  TrainOptions training;
  LoaderTuningOptions options;
  double consumer_per_s = 0;
  template <class F>
  void describe(F& field) {
    options.describe(field);
    field("consumer-per-s",
          consumer_per_s,
          "Samples a second of a simulated consumer in the network's place; 0: the network, with "
          "the options of train.");
    start.describe(field);
    training.describe(field);
  }
};

/// The training's two halves as the tuner drives them.
LoaderTrial trial_of(TrainingRig& rig, const TuneLoaderState& state, int reads_in_flight) {
  LoaderTrial trial;
  trial.cores = available_cores();
  trial.batch = rig.options().loader.batch;
  trial.reads_in_flight = reads_in_flight;
  trial.in_use = setting_of(rig.options(), reads_in_flight, trial.cores);
  trial.open = [&rig](const LoaderSetting& setting) {
    at::set_num_threads(setting.threads);
    LoaderOptions loader = rig.options().loader;
    loader.fetch_threads = setting.fetch_threads;
    loader.threads = setting.loader_threads;
    loader.prefetch = setting.prefetch;
    return rig.open_loader(loader);
  };
  trial.consume = state.consumer_per_s > 0 ? simulated_consumer(state.consumer_per_s, trial.batch)
                                           : [&rig](const Batch& batch) { rig.step(batch); };
  return trial;
}

nlohmann::ordered_json to_json(const TriedSetting& tried) {
  LoaderSetting setting = tried.setting;
  nlohmann::ordered_json json = Fields(setting).to_json();
  json["predicted_per_s"] = tried.predicted_per_s;
  json["per_s"] = {
      {"median", tried.per_s.median}, {"low", tried.per_s.low}, {"high", tried.per_s.high}};
  json["waiting_share"] = tried.waiting_share;
  return json;
}

nlohmann::ordered_json to_json(const LoaderTuning& tuning) {
  nlohmann::ordered_json json = {{"in_use", to_json(tuning.in_use)},
                                 {"best", to_json(tuning.best)},
                                 {"seconds", tuning.seconds},
                                 {"candidates", nlohmann::ordered_json::array()}};
  for (const TriedSetting& tried : tuning.candidates) json["candidates"].push_back(to_json(tried));
  if (tuning.grid.empty()) return json;
  json["share_of_optimum"] = tuning.share_of_optimum;
  json["best_of_grid"] = to_json(tuning.best_of_grid);
  for (const TriedSetting& tried : tuning.grid) json["grid"].push_back(to_json(tried));
  return json;
}

void print(const char* what, const TriedSetting& tried) {
  std::printf(
      "%-12s %8.1f /s  (%.1f to %.1f; predicted %.1f)   fetch-threads %d  loader-threads %d  "
      "prefetch %d  threads %d   waiting %.1f %%\n",
      what,
      tried.per_s.median,
      tried.per_s.low,
      tried.per_s.high,
      tried.predicted_per_s,
      tried.setting.fetch_threads,
      tried.setting.loader_threads,
      tried.setting.prefetch,
      tried.setting.threads,
      100 * tried.waiting_share);
}

void print(const LoaderTuning& tuning) {
  std::printf("a sample     %.2f ms to read, %.2f ms of a core to decode;",
              1e3 * tuning.costs.fetch_s,
              1e3 * tuning.costs.decode_s);
  for (const auto& [threads, cost] : tuning.costs.consumer)
    std::printf("  %.2f ms to compute with %d thread%s",
                1e3 * cost.wall_s,
                threads,
                threads == 1 ? "" : "s");
  std::printf("\n");
  for (const TriedSetting& tried : tuning.candidates)
    print(tried.setting == tuning.in_use.setting ? "in use" : "candidate", tried);
  for (const TriedSetting& tried : tuning.grid) print("grid", tried);
  if (!tuning.grid.empty()) {
    print("best of grid", tuning.best_of_grid);
    std::printf("share of optimum %.3f\n", tuning.share_of_optimum);
  }
  print("best", tuning.best);
  std::printf("took         %.0f s\n", tuning.seconds);
}

int run_tuning(TuneLoaderState& state, Context& context) {
  OpenWorkspace space(context.workspace());
  const TrainingData data = space.training_data(space.dataset(state.dataset));
  require(state.consumer_per_s >= 0, "consumer-per-s must not be negative");
  state.start.apply(state.training, context);
  TrainingRig rig(data, state.training);
  const LoaderTuning tuning = tune_loader(
      trial_of(rig, state, data.store->reads_in_flight()), state.options, *context.progress);
  if (context.json)
    std::printf("%s\n", to_json(tuning).dump(2).c_str());
  else
    print(tuning);
  if (state.consumer_per_s > 0) return kDone;  // what suits a simulation is no default of training
  const std::filesystem::path file = tuned_file(space.workspace());
  LoaderSetting best = tuning.best.setting;
  std::filesystem::create_directories(file.parent_path());
  write_file(file, Fields(best).to_toml());
  if (!context.json)
    std::printf("written      %s: train takes it from now on\n", space.relative(file).c_str());
  return kDone;
}

}  // namespace

Command verb_tune_loader() {
  auto state = std::make_shared<TuneLoaderState>();
  Command command("tune loader",
                  "Find the threads and the window that feed training best on this machine");
  command.options(*state)
      .positional("DATASET", state->dataset, "a name (its newest), name-id, or folder")
      .example("canopy tune loader walnuts")
      .example("canopy tune loader walnuts consumer-per-s=200 --exhaustive")
      .run([state](Context& context) { return run_tuning(*state, context); });
  return command;
}

}  // namespace canopy
