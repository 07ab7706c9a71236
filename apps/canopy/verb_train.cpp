// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/options.h"
#include "records.h"
#include "train/run_folder.h"
#include "train_start.h"
#include "training_output.h"
#include "tune/loader_setting.h"
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
std::string free_run(const OpenWorkspace& space, const std::string& dataset) {
  std::set<std::string> known;
  for (const RunRecord& run : space.registry().runs()) known.insert(run.id);
  for (int number = 1;; ++number) {
    std::string run = dataset + "-" + std::to_string(number);
    if (!known.contains(run) && !std::filesystem::exists(space.workspace().runs() / run))
      return run;
  }
}

/// Throws User for an option that was given and that the run, which goes on with its own, would not
/// heed. What this machine's tuning has for defaults was not given.
void require_same(TrainOptions& given, TrainOptions own, const Context& context) {
  TrainOptions stock;
  LoaderSetting setting;
  if (!context.defaults.empty()) Fields(setting).set_from_toml(context.defaults.string());
  const std::vector<Field> tuned_fields = Fields(setting).all();
  const std::vector<Field> wanted = Fields(given).all(), owned = Fields(own).all(),
                           plain = Fields(stock).all();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string& name = wanted[i].name;
    const std::string value = wanted[i].get();
    if (value == plain[i].get() || value == owned[i].get()) continue;
    if (std::ranges::any_of(tuned_fields, [&](const Field& field) {
          return field.name == name && field.get() == value;
        }))
      continue;
    throw Error(Fault::User,
                name + "=" + value + " has no effect: a run goes on with its own options (" + name +
                    "=" + owned[i].get() + "); leave it out, or begin a new run");
  }
}

int run_training(TrainState& state, Context& context) {
  OpenWorkspace space(context.workspace());
  const Snapshot dataset = space.dataset(state.dataset);
  require(!(state.metric_lines && context.json),
          "metric-lines and --json both want stdout; leave one of them out");
  require(!state.resume || !state.run.empty(), "resume needs the run's name: run=NAME");
  if (state.run.empty()) state.run = free_run(space, dataset.name);
  const RunFolder folder(space.workspace().runs() / state.run);
  const bool go_on = state.resume && folder.exists();
  if (go_on) require_same(state.options, folder.options(), context);
  if (state.options.name.empty()) state.options.name = dataset.name;
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
  return result.substituted_tiles > 0 ? kSkipped : kDone;
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
