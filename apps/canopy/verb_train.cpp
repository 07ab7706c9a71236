// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/error.h"
#include "records.h"
#include "share.h"
#include "train/run_folder.h"
#include "verbs.h"

namespace canopy {
namespace {

struct TrainState {
  TrainOptions options;
  std::string dataset, run, weights = "imagenet";
  bool resume = false;
  template <class F>
  void describe(F& field) {
    field("run", run, "Name of the run's folder under runs/; <dataset>-<number> when left out.");
    field("resume",
          resume,
          "Go on with the run from its newest checkpoint; begin it where there is none.");
    field("weights", weights, "Where the backbone begins: imagenet or random.");
  }
};

/// The first <dataset>-<number> that is free.
std::string free_run(const Workspace& workspace, const std::string& dataset) {
  for (int number = 1;; ++number) {
    const std::string run = dataset + "-" + std::to_string(number);
    if (!std::filesystem::exists(workspace.runs() / run)) return run;
  }
}

int run_training(TrainState& state, Context& context) {
  OpenWorkspace space(context.workspace());
  const Snapshot dataset = space.dataset(state.dataset);
  require(!state.resume || !state.run.empty(), "resume needs the run's name: run=NAME");
  require(state.weights == "imagenet" || state.weights == "random",
          "weights: '" + state.weights + "' is neither imagenet nor random");
  if (state.run.empty()) state.run = free_run(space.workspace(), dataset.name);
  if (state.options.name.empty()) state.options.name = dataset.name;
  if (state.weights == "imagenet" && state.options.imagenet.empty())
    state.options.imagenet = shared_file("weights/efficientnet_lite0.safetensors").string();
  if (state.options.usd_per_hour == 0)
    state.options.usd_per_hour = space.workspace().config().usd_per_hour;

  const bool go_on = state.resume && RunFolder(space.workspace().runs() / state.run).exists();
  std::filesystem::path model;
  const TrainResult result =
      space.train_model(dataset, state.options, state.run, go_on, *context.progress, &model);
  if (context.json) {
    std::printf("%s\n",
                nlohmann::ordered_json{{"run", state.run},
                                       {"done", result.is_done},
                                       {"steps", result.steps},
                                       {"seconds", result.seconds},
                                       {"samples_per_second", result.samples_per_s},
                                       {"waiting_share", result.waiting_share},
                                       {"model", model.string()},
                                       {"metrics", result.metrics}}
                    .dump(2)
                    .c_str());
    return kDone;
  }
  std::printf("run        %s: %s steps in %s, %.1f samples/s, waiting %.1f %%\n",
              state.run.c_str(),
              format_count(result.steps).c_str(),
              format_duration(result.seconds).c_str(),
              result.samples_per_s,
              result.waiting_share * 100);
  if (!result.is_done) {
    std::printf("stopped    a checkpoint is kept; go on with: canopy train %s run=%s --resume\n",
                state.dataset.c_str(),
                state.run.c_str());
    return kDone;
  }
  std::printf("model      %s\n", space.relative(model).c_str());
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
      .run([state](Context& context) { return run_training(*state, context); });
  return command;
}

}  // namespace canopy
