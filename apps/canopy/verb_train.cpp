// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "records.h"
#include "train/run_folder.h"
#include "train_start.h"
#include "training_output.h"
#include "tuned_defaults.h"
#include "verbs.h"

namespace canopy {
namespace {

struct TrainState {
  TrainOptions options;
  TrainStart start;
  std::string dataset, run;
  bool resume = false, metric_lines = false;
  template <class F>
  void describe(F& field) {
    field("run", run, "Name of the run's folder under runs/; <dataset>-<number> when left out.");
    field("resume",
          resume,
          "Go on with the run from its newest checkpoint; begin it where there is none.");
    field("metric-lines",
          metric_lines,
          "A line step=... loss=... val_f1=... on stdout after each evaluation and at the end, for "
          "programs that tune.");
    start.describe(field);
  }
};

/// The first <dataset>-<number> that is free.
std::string free_run(const Workspace& workspace, const std::string& dataset) {
  for (int number = 1;; ++number) {
    std::string run = dataset + "-" + std::to_string(number);
    if (!std::filesystem::exists(workspace.runs() / run)) return run;
  }
}

int run_training(TrainState& state, Context& context) {
  OpenWorkspace space(context.workspace());
  const Snapshot dataset = space.dataset(state.dataset);
  require(!(state.metric_lines && context.json),
          "metric-lines and --json both want stdout; leave one of them out");
  require(!state.resume || !state.run.empty(), "resume needs the run's name: run=NAME");
  if (state.run.empty()) state.run = free_run(space.workspace(), dataset.name);
  if (state.options.name.empty()) state.options.name = dataset.name;
  const bool go_on = state.resume && RunFolder(space.workspace().runs() / state.run).exists();
  if (!go_on) state.start.apply(state.options, context);
  if (!go_on && !context.json) print_defaults(context.defaults, space.workspace());
  if (state.options.usd_per_hour == 0)
    state.options.usd_per_hour = space.workspace().config().usd_per_hour;

  std::filesystem::path model;
  const TrainResult result = space.train_model(dataset,
                                               state.options,
                                               state.run,
                                               go_on,
                                               *context.progress,
                                               &model,
                                               metric_lines(state.metric_lines));
  if (state.metric_lines) print_metrics(result);
  print_training(state.run,
                 result,
                 context.json || model.empty() ? model.string() : space.relative(model),
                 "canopy train " + state.dataset + " run=" + state.run + " --resume",
                 context.json);
  return kDone;
}

}  // namespace

Command verb_train() {
  auto state = std::make_shared<TrainState>();
  Command command("train", "Train a model on a dataset; Ctrl-C leaves a checkpoint to resume from");
  command.options(*state)
      .options(state->options)
      .positional("DATASET", state->dataset, "a name (its newest), name-id, or folder")
      .example("canopy train walnuts minutes=30 name=walnut")
      .example("canopy train walnuts run=walnuts-1 --resume")
      .defaults(tuned_defaults)
      .run([state](Context& context) { return run_training(*state, context); });
  return command;
}

}  // namespace canopy
