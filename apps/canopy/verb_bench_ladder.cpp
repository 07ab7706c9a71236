// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/options.h"
#include "base/threads.h"
#include "nn/device.h"
#include "records.h"
#include "train_start.h"
#include "tune/ladder.h"
#include "tuned_defaults.h"
#include "verbs.h"

namespace canopy {
namespace {

struct BenchLadderState {
  std::string dataset;
  std::vector<std::string> ladders = {"training", "loader"};
  TrainStart start;
  TrainOptions training;
  LadderOptions options;
  template <class F>
  void describe(F& field) {
    field("ladders", ladders, "Which: training, loader or both.");
    options.describe(field);
    start.describe(field);
    training.describe(field);
  }
};

nlohmann::ordered_json to_json(const Rung& rung) {
  LoaderSetting setting = rung.how.setting;
  return {{"rung", rung.name},
          {"change", rung.change},
          {"samples_per_s",
           {{"median", rung.per_s.median}, {"low", rung.per_s.low}, {"high", rung.per_s.high}}},
          {"step_s", rung.step_s},
          {"waiting_share", rung.waiting_share},
          {"cpu_share", rung.cpu_share},
          {"peak_bytes", rung.peak_bytes},
          {"usd_per_million_samples", rung.usd_per_million},
          {"precision", rung.how.precision},
          {"setting", Fields(setting).to_json()},
          {"limit", rung.limit}};
}

/// The fastest rung over the first.
double gain(const std::vector<Rung>& rungs) {
  const auto best = std::ranges::max_element(
      rungs, [](const Rung& a, const Rung& b) { return a.per_s.median < b.per_s.median; });
  return best->per_s.median / rungs.front().per_s.median;
}

void print(const std::string& title, const std::vector<Rung>& rungs) {
  std::printf("%s: %.2f times the naive way\n", title.c_str(), gain(rungs));
  std::printf("%-13s %9s %17s %9s %8s %6s %9s %9s   %s\n",
              "rung",
              "samples/s",
              "(low to high)",
              "step",
              "waiting",
              "CPU",
              "memory",
              "$/million",
              "limit; change");
  for (const Rung& rung : rungs)
    std::printf("%-13s %9.1f %8.1f %8.1f %6.0f ms %6.1f %% %4.0f %% %6.2f GB %9.2f   %s; %s\n",
                rung.name.c_str(),
                rung.per_s.median,
                rung.per_s.low,
                rung.per_s.high,
                1e3 * rung.step_s,
                100 * rung.waiting_share,
                100 * rung.cpu_share,
                static_cast<double>(rung.peak_bytes) / 1e9,
                rung.usd_per_million,
                rung.limit.c_str(),
                rung.change.c_str());
}

int run_ladders(BenchLadderState& state, Context& context) {
  for (const std::string& ladder : state.ladders)
    require(ladder == "training" || ladder == "loader",
            "ladders: '" + ladder + "' is neither training nor loader");
  OpenWorkspace space(context.workspace());
  const TrainingData data = space.training_data(space.dataset(state.dataset));
  state.start.apply(state.training, context);
  if (state.training.usd_per_hour == 0)
    state.training.usd_per_hour = space.workspace().config().usd_per_hour;
  const LoaderSetting tuned =
      setting_of(state.training, data.store->reads_in_flight(), available_cores());
  const bool has_gpu = cuda_devices() > 0;
  nlohmann::ordered_json json = {{"usd_per_hour", state.training.usd_per_hour}};
  if (!has_gpu) json["left_out"] = "rungs of a GPU: there is none here";
  for (const std::string& ladder : state.ladders) {
    const bool trains = ladder == "training";
    const std::vector<Rung> rungs = (trains ? training_ladder : loader_ladder)(
        data, state.training, tuned, state.options, *context.progress);
    json[ladder] = {{"naive_to_tuned", gain(rungs)}, {"rungs", nlohmann::ordered_json::array()}};
    if (!trains) json[ladder]["simulated_consumer_per_s"] = state.options.consumer_per_s;
    for (const Rung& rung : rungs) json[ladder]["rungs"].push_back(to_json(rung));
    if (!context.json)
      print(trains ? "training, " + state.training.network.backbone
                   : "loader, in front of a simulated consumer",
            rungs);
  }
  if (context.json)
    std::printf("%s\n", json.dump(2).c_str());
  else if (!has_gpu)
    std::printf("left out: rungs of a GPU, as there is none here\n");
  return kDone;
}

}  // namespace

Command verb_bench_ladder() {
  auto state = std::make_shared<BenchLadderState>();
  Command command("bench ladder",
                  "From the naive way to the tuned one, a rung at a time: samples/s and dollars");
  command.options(*state)
      .positional("DATASET", state->dataset, "a name (its newest), name-id, or folder")
      .example("canopy bench ladder walnuts usd-per-hour=3.06")
      .defaults(tuned_defaults)
      .run([state](Context& context) { return run_ladders(*state, context); });
  return command;
}

}  // namespace canopy
