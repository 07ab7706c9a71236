// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/error.h"
#include "records.h"
#include "tune/loader_bench.h"
#include "verbs.h"

namespace canopy {
namespace {

struct BenchLoaderState {
  std::string source;
  LoaderBenchOptions options;
};

/// Whether `source` is a folder of example files rather than a dataset.
bool is_folder_of_examples(const std::string& source) {
  return std::filesystem::is_directory(source) &&
         !std::filesystem::exists(std::filesystem::path(source) / "dataset.json");
}

LoaderBench bench_source(const BenchLoaderState& state, Context& context) {
  if (is_folder_of_examples(state.source)) {
    const auto store = open_blob_store(state.source);
    return bench_loader(*store, examples_in(*store), state.options, *context.progress);
  }
  OpenWorkspace space(context.workspace());
  const TrainingData data = space.training_data(space.dataset(state.source));
  return bench_loader(*data.store, data.refs, state.options, *context.progress);
}

nlohmann::ordered_json to_json(const Spread& spread) {
  return {{"median", spread.median}, {"low", spread.low}, {"high", spread.high}};
}

nlohmann::ordered_json to_json(const LoaderBench& bench, const LoaderBenchOptions& options) {
  return {{"samples_per_s", to_json(bench.per_s)},
          {"samples_per_core_s", to_json(bench.per_core_s)},
          {"core_ms", 1e3 / bench.per_core_s.median},
          {"waiting_share", to_json(bench.waiting_share)},
          {"simulated_consumer_per_s", options.consumer_per_s},
          {"samples_a_pass", bench.runs.front().samples},
          {"size_px", bench.loader.crop.size_px},
          {"batch", bench.loader.batch},
          {"loader_threads", bench.loader.threads},
          {"fetch_threads", bench.loader.fetch_threads}};
}

void print(const LoaderBench& bench) {
  std::printf(
      "loader     %8.1f samples/s   (%.1f to %.1f)   %d loader threads, %d reads in flight\n",
      bench.per_s.median,
      bench.per_s.low,
      bench.per_s.high,
      bench.loader.threads,
      bench.loader.fetch_threads);
  std::printf("a core     %8.1f samples/s   %.2f ms of CPU a sample of %d x %d px\n",
              bench.per_core_s.median,
              1e3 / bench.per_core_s.median,
              bench.loader.crop.size_px,
              bench.loader.crop.size_px);
}

}  // namespace

Command verb_bench_loader() {
  auto state = std::make_shared<BenchLoaderState>();
  Command command("bench loader", "How fast the loader makes batches, of all cores and of one");
  command.options(state->options)
      .positional("SOURCE", state->source, "a folder of *.example.gz, or a dataset")
      .example("canopy bench loader walnuts --crops")
      .run([state](Context& context) {
        const LoaderBench bench = bench_source(*state, context);
        if (context.json)
          std::printf("%s\n", to_json(bench, state->options).dump(2).c_str());
        else
          print(bench);
        return kDone;
      });
  return command;
}

}  // namespace canopy
