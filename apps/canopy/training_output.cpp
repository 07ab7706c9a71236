// SPDX-License-Identifier: Apache-2.0
#include "training_output.h"

#include <cstdio>

#include "base/progress.h"

namespace canopy {

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
  if (result.is_done)
    std::printf("model      %s\n", model.c_str());
  else
    std::printf("stopped    a checkpoint is kept; go on with: %s\n", resume.c_str());
}

}  // namespace canopy
