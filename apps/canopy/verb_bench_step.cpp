// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "tune/step_bench.h"
#include "verbs.h"

namespace canopy {
namespace {

struct BenchStepState {
  std::vector<std::string> tasks = {"train", "detect"};
  StepBenchOptions options;
  MaskRcnnConfig network;
  template <class F>
  void describe(F& field) {
    field("model", network.backbone, "Architecture: lite, r18 or r50.");
    field("tasks", tasks, "What is timed: train, detect or both.");
    options.describe(field);
    field.nested("network", network);
  }
};

constexpr std::size_t kRows = 12;  ///< of the table by operation

/// Most memory that this process ever had, in bytes.
double peak_rss() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

std::vector<std::pair<std::string, OpTime>> slowest_first(const StepTimes& times) {
  std::vector<std::pair<std::string, OpTime>> rows(times.by_operation.begin(),
                                                   times.by_operation.end());
  std::ranges::sort(rows,
                    [](const auto& a, const auto& b) { return a.second.self_s > b.second.self_s; });
  return rows;
}

nlohmann::ordered_json to_json(const BenchStepState& state, const StepTimes& times, double bound) {
  nlohmann::ordered_json json = {
      {"task", times.task},
      {"model", state.network.backbone},
      {"size_px", state.options.size_px},
      {"batch", state.options.batch},
      {"seconds", times.seconds},
      {"median_s", times.median_s},
      {"min_s", times.min_s},
      {"pictures_per_s", state.options.batch / times.median_s},
      {"peak_rss_bytes", peak_rss()},
  };
  if (times.task == "detect") json["detections"] = times.detections;
  if (!state.options.profile) return json;
  json["flop"] = times.flop;
  json["flop_per_s_bound"] = bound;
  json["bound_share"] = times.flop / bound / times.min_s;
  for (const auto& [name, time] : slowest_first(times))
    json["operations"].push_back(
        {{"name", name}, {"self_s", time.self_s}, {"calls", time.calls}, {"flop", time.flop}});
  return json;
}

void print_times(const BenchStepState& state, const StepTimes& times, double bound) {
  std::printf("%-6s %-4s %d px, batch %d: %.3f s (fastest %.3f), %.2f pictures/s",
              times.task.c_str(),
              state.network.backbone.c_str(),
              state.options.size_px,
              state.options.batch,
              times.median_s,
              times.min_s,
              state.options.batch / times.median_s);
  if (times.task == "detect") std::printf(", %.0f detections a picture", times.detections);
  std::printf(", peak memory %.2f GB\n", peak_rss() / 1e9);
  if (!state.options.profile) return;
  std::printf(
      "       %.0f GFLOP of products; at the %.0f GFLOP/s of a large product they take "
      "%.3f s, %.0f %% of the fastest call\n",
      times.flop / 1e9,
      bound / 1e9,
      times.flop / bound,
      100 * times.flop / bound / times.min_s);
  double all = 0;
  for (const auto& [name, time] : times.by_operation) all += time.self_s;
  auto rows = slowest_first(times);
  rows.resize(std::min(rows.size(), kRows));
  for (const auto& [name, time] : rows)
    std::printf("       %5.1f %%  %7.3f s  %5lld calls  %8.1f GFLOP  %s\n",
                100 * time.self_s / all,
                time.self_s,
                static_cast<long long>(time.calls),
                time.flop / 1e9,
                name.c_str());
}

}  // namespace

Command verb_bench_step() {
  auto state = std::make_shared<BenchStepState>();
  Command command("bench step",
                  "Time a train step and an inference of an architecture on this machine");
  command.options(*state)
      .example("canopy bench step model=r50 tasks=train profile=true")
      .run([state](Context& context) {
        for (const std::string& task : state->tasks)
          require(task == "train" || task == "detect",
                  "tasks: '" + task + "' is neither train nor detect");
        nlohmann::ordered_json all = nlohmann::ordered_json::array();
        for (const std::string& task : state->tasks) {
          const StepTimes times = task == "train" ? bench_train_step(state->network, state->options)
                                                  : bench_detect(state->network, state->options);
          const double bound = state->options.profile ? measured_flop_per_s() : 0;
          if (context.json)
            all.push_back(to_json(*state, times, bound));
          else
            print_times(*state, times, bound);
        }
        if (context.json) std::printf("%s\n", all.dump(2).c_str());
        return kDone;
      });
  return command;
}

}  // namespace canopy
