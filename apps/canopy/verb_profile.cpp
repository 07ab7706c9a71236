// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/error.h"
#include "records.h"
#include "train_start.h"
#include "tune/headspace.h"
#include "tune/training_rig.h"
#include "tuned_defaults.h"
#include "verbs.h"

namespace canopy {
namespace {

struct HeadspaceState {
  std::string dataset;
  TrainStart start;
  TrainOptions training;
  HeadspaceOptions options;
  template <class F>
  void describe(F& field) {
    options.describe(field);
    start.describe(field);
    training.describe(field);
  }
};

nlohmann::ordered_json to_json(const StageRate& stage) {
  return {{"ms_a_sample", 1e3 * stage.seconds_a_sample},
          {"threads", stage.threads},
          {"per_s", stage.per_s}};
}

nlohmann::ordered_json to_json(const Headspace& space) {
  return {{"model_per_s", space.model_per_s},
          {"loader_per_s", space.loader_per_s},
          {"together_per_s", space.together_per_s},
          {"waiting_share", space.waiting_share},
          {"cpu_share", space.cpu_share},
          {"cores", space.cores},
          {"bytes_per_s", space.bytes_per_s},
          {"fetch", to_json(space.fetch)},
          {"decode", to_json(space.decode)},
          {"bottleneck", name_of(space.bottleneck)},
          {"fetch_threads", space.fetch_threads},
          {"loader_threads", space.decode_threads},
          {"expected_per_s", space.expected_per_s},
          {"verdict", space.verdict}};
}

void print(const Headspace& space) {
  std::printf("model      %8.1f /s   on batches that lie ready\n", space.model_per_s);
  std::printf(
      "loader     %8.1f /s   alone: fetch %.2f ms a sample, %d threads; decode %.2f ms, %d\n",
      space.loader_per_s,
      1e3 * space.fetch.seconds_a_sample,
      space.fetch.threads,
      1e3 * space.decode.seconds_a_sample,
      space.decode.threads);
  std::printf("together   %8.1f /s   waiting %.1f %%, CPU %.0f %% of %d cores, %.1f MB/s read\n",
              space.together_per_s,
              100 * space.waiting_share,
              100 * space.cpu_share,
              space.cores,
              space.bytes_per_s / 1e6);
  std::printf("verdict    %s\n", space.verdict.c_str());
}

}  // namespace

Command verb_profile_headspace() {
  auto state = std::make_shared<HeadspaceState>();
  Command command("profile headspace",
                  "What starves what: the model's ceiling, the loader's, and both together");
  command.options(*state)
      .positional("DATASET", state->dataset, "a name (its newest), name-id, or folder")
      .example("canopy profile headspace walnuts batch=8")
      .defaults(tuned_defaults)
      .run([state](Context& context) {
        OpenWorkspace space(context.workspace());
        const Snapshot dataset = space.dataset(state->dataset);
        state->start.apply(state->training, context);
        const TrainingData data = space.training_data(dataset);
        TrainingRig rig(data, state->training);
        const Headspace found = measure_headspace([&] { return rig.open_loader(); },
                                                  [&](const Batch& batch) { rig.step(batch); },
                                                  rig.options().loader,
                                                  state->options,
                                                  *context.progress);
        if (context.json)
          std::printf("%s\n", to_json(found).dump(2).c_str());
        else
          print(found);
        return kDone;
      });
  return command;
}

}  // namespace canopy
