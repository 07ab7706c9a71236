// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "records.h"
#include "train_start.h"
#include "tune/trace_bench.h"
#include "tuned_defaults.h"
#include "verbs.h"

namespace canopy {
namespace {

struct BenchTraceState {
  std::string dataset;
  TraceBenchOptions options;
  TrainStart start;
  TrainOptions training;
  template <class F>
  void describe(F& field) {
    options.describe(field);
    start.describe(field);
    training.describe(field);
  }
};

nlohmann::ordered_json to_json(const TraceBench& bench) {
  return {{"off_s", bench.off_s.median},
          {"on_s", bench.on_s.median},
          {"overhead", bench.overhead},
          {"spans_a_step", bench.spans_a_step},
          {"waiting_share",
           {{"median", bench.waiting_share.median},
            {"low", bench.waiting_share.low},
            {"high", bench.waiting_share.high}}}};
}

void print(const TraceBench& bench) {
  std::printf("a step     %8.1f ms without a trace   %8.1f ms with one   %+.2f %%   %lld spans\n",
              1e3 * bench.off_s.median,
              1e3 * bench.on_s.median,
              100 * bench.overhead,
              static_cast<long long>(bench.spans_a_step));
  std::printf("waiting    %8.3f %% of the time   (%.3f to %.3f)\n",
              100 * bench.waiting_share.median,
              100 * bench.waiting_share.low,
              100 * bench.waiting_share.high);
}

}  // namespace

Command verb_bench_trace() {
  auto state = std::make_shared<BenchTraceState>();
  Command command("bench trace",
                  "What taking a trace costs a training, and how long that waits for data");
  command.options(*state)
      .positional("DATASET", state->dataset, "a name (its newest), name-id, or folder")
      .example("canopy bench trace walnuts")
      .defaults(tuned_defaults)
      .run([state](Context& context) {
        OpenWorkspace space(context.workspace());
        const TrainingData data = space.training_data(space.dataset(state->dataset));
        state->start.apply(state->training, context);
        TrainingRig rig(data, state->training);
        const TraceBench bench = bench_trace(rig, state->options, *context.progress);
        if (context.json)
          std::printf("%s\n", to_json(bench).dump(2).c_str());
        else
          print(bench);
        return kDone;
      });
  return command;
}

}  // namespace canopy
