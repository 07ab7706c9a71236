// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "arguments.h"
#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/threads.h"
#include "command.h"
#include "data/refs_file.h"
#include "train/evaluate.h"
#include "train/run_report.h"
#include "train/trainer.h"
#include "training_output.h"

// canopy-train: what `canopy train` does, from a plain list of references and a folder of examples,
// on a machine without workspace, catalog and registry. The run's folder is the same; its run.json
// says what a registry would have been told.

namespace canopy {
namespace {

namespace fs = std::filesystem;

struct State {
  TrainOptions options;
  std::string refs, store = "examples", run, progress = "auto";
  bool resume = false, metric_lines = false, json = false, verbose = false;
  template <class F>
  void describe(F& field) {
    field(
        "store", store, "Folder of the example files that the list names, or s3://bucket/prefix.");
    field("resume",
          resume,
          "Go on with the run from its newest checkpoint; begin it where there is none.");
    field("metric-lines",
          metric_lines,
          "A line step=... loss=... val_f1=... on stdout after each evaluation and at the end, for "
          "programs that tune.");
    field("progress", progress, "auto, bar, lines, json or none.");
    field("json", json, "The result as JSON on stdout.");
    field("verbose", verbose, "Show what is logged, on stderr.");
  }
};

/// The store, after a look at some of the files that the list names.
std::unique_ptr<BlobStore> open_examples(const std::string& folder, const RefsFile& list) {
  const bool is_elsewhere = folder.find("://") != std::string::npos;
  require(is_elsewhere || fs::is_directory(folder),
          [&] { return folder + " is no folder; give that of the examples with store=FOLDER"; });
  constexpr std::int64_t kLookedAt = 1000;
  auto store = open_blob_store(folder);
  const std::vector<ExampleRef> looked_at = spread(list.refs, kLookedAt);
  parallel_for(std::ssize(looked_at), store->reads_in_flight(), [&](std::int64_t i) {
    const std::string& uri = looked_at[static_cast<std::size_t>(i)].uri;
    require(store->size(uri) >= 0, [&] {
      return store->address_of(uri) +
             " is not there; bring all files that the list names, or give store=FOLDER";
    });
  });
  return store;
}

TrainingData data_of(const RefsFile& list, const std::string& path, const BlobStore& store) {
  TrainingData data;
  data.store = &store;
  data.refs = list.refs;
  data.dataset_id = list.dataset_id;
  data.manifest = {{"name", list.dataset},
                   {"id", list.dataset_id},
                   {"counts", {{"tiles", list.refs.size()}}},
                   {"refs", {{"path", path}, {"sha256", sha256_of_file(path)}}}};
  return data;
}

/// The folder's path without a '/' at its end, so that its last part is the run's name.
fs::path run_folder(const std::string& output) {
  const fs::path path = fs::path(output).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

/// What run.json says of earlier starts, or a new one.
RunReport report_of(const RunFolder& run, const RefsFile& list, TrainOptions options) {
  if (fs::exists(report_path(run))) return read_run_report(run);
  if (run.exists()) options = run.options();
  RunReport report;
  report.id = run.path().filename().string();
  report.dataset = list.dataset;
  report.dataset_id = list.dataset_id;
  report.options = Fields(options).to_json();
  return report;
}

void add_result(const RunFolder& run, const TrainResult& result, RunReport& report) {
  if (!result.is_done) return;
  report.model_id = result.model_id;
  report.model_name = load_model_info(run.model()).name;
  report.metrics = result.metrics;
}

int run_training(State& state) {
  if (state.verbose) set_log_level(LogLevel::Info);
  require(!(state.metric_lines && state.json),
          "metric-lines and --json both want stdout; leave one of them out");
  const auto progress = make_progress(progress_style(state.progress));
  const RefsFile list = read_refs_file(state.refs);
  const auto store = open_examples(state.store, list);
  const RunFolder run(run_folder(state.run));
  if (state.options.name.empty()) state.options.name = list.dataset;
  const bool was_done = run.is_done(), go_on = state.resume && run.exists();
  RunReport report = report_of(run, list, state.options);
  const double usd_per_hour = report.options.value("usd-per-hour", 0.0);
  const bool is_other = run.exists() && !go_on;
  const StartClock clock;
  TrainResult result;
  try {
    result = train(data_of(list, state.refs, *store),
                   state.options,
                   run.path(),
                   go_on,
                   *progress,
                   metric_lines(state.metric_lines));
  } catch (const Error&) {
    if (run.exists() && !is_other && !was_done) {
      report.starts.push_back(clock.stop(nullptr, usd_per_hour));
      write_run_report(run, report);
    }
    throw;
  }
  if (!was_done) report.starts.push_back(clock.stop(&result, usd_per_hour));
  add_result(run, result, report);
  write_run_report(run, report);
  if (state.metric_lines) print_metrics(result);
  print_training(
      report.id,
      result,
      result.is_done ? run.model().string() : "",
      "canopy-train " + state.refs + " store=" + state.store + " -o " + state.run + " --resume",
      state.json);
  return interrupted() ? 128 + interrupted() : kDone;
}

Command train_command(State& state) {
  Command command = Command::program(
      "canopy-train",
      "Train a model on a list of examples; Ctrl-C leaves a checkpoint to resume from");
  command.options(state)
      .options(state.options)
      .positional("REFS", state.refs, "the list, from 'canopy dataset export DATASET --refs FILE'")
      .output(state.run, "Folder of the run; its last part is the run's name.")
      .example("canopy-train walnuts.tsv store=examples/ minutes=60 -o runs/walnuts-gpu");
  return command;
}

}  // namespace
}  // namespace canopy

int main(int argc, char** argv) {
  using namespace canopy;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  install_interrupt_handlers();
  return run_guarded([&] {
    State state;
    Command command = train_command(state);
    const auto asked = [&](const char* word) { return std::ranges::count(arguments, word) > 0; };
    if (asked("--help") || asked("-h")) {
      std::printf("%s", help_of(command).c_str());
      return static_cast<int>(kDone);
    }
    try {
      take_arguments(command, arguments);
    } catch (const Error& error) {
      return complain(error.what(), kUsage);
    }
    return run_training(state);
  });
}
