// SPDX-License-Identifier: Apache-2.0
#include "training_output.h"

#include <cstdio>

#include "base/progress.h"

namespace canopy {
namespace {

void print_line(std::int64_t step, const std::map<std::string, double>& figures) {
  std::printf("step=%lld", static_cast<long long>(step));
  for (const auto& [name, value] : figures)
    if (name == "loss" || name.starts_with("val_") || name.starts_with("train_tail_"))
      std::printf(" %s=%.6f", name.c_str(), value);
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

void print_training(const std::string& run,
                    const TrainResult& result,
                    const std::string& model,
                    const std::string& resume,
                    bool json) {
  if (json) {
    const nlohmann::ordered_json document = {{"run", run},
                                             {"done", result.is_done},
                                             {"steps", result.steps},
                                             {"seconds", result.seconds},
                                             {"samples_per_second", result.samples_per_s},
                                             {"waiting_share", result.waiting_share},
                                             {"substituted_tiles", result.substituted_tiles},
                                             {"model", model},
                                             {"metrics", result.metrics}};
    std::printf("%s\n", document.dump(2).c_str());
    return;
  }
  std::printf("run        %s: %s steps in %s, %.1f samples/s, waiting %.1f %%\n",
              run.c_str(),
              format_count(result.steps).c_str(),
              format_duration(result.seconds).c_str(),
              result.samples_per_s,
              result.waiting_share * 100);
  if (result.substituted_tiles > 0)
    std::printf("left out   %s tiles that could not be used; the run's log.jsonl names them\n",
                format_count(result.substituted_tiles).c_str());
  if (result.is_done)
    std::printf("model      %s\n", model.c_str());
  else
    std::printf("stopped    a checkpoint is kept; go on with: %s\n", resume.c_str());
}

AfterEvaluation metric_lines(bool are_asked_for) {
  if (!are_asked_for) return {};
  return [](std::int64_t step, const std::map<std::string, double>& figures) {
    print_line(step, figures);
    return true;
  };
}

void print_metrics(const TrainResult& result) {
  if (!result.is_done) return;
  const std::string split = result.metrics.at("threshold_from");
  std::map<std::string, double> figures = {{"loss", result.metrics.at("loss")}};
  for (const char* name : {"f1", "box_ap50", "mask_ap50"})
    if (result.metrics.contains(name)) figures[split + "_" + name] = result.metrics.at(name);
  print_line(result.steps, figures);
}

}  // namespace canopy
