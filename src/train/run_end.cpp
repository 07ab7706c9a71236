// SPDX-License-Identifier: Apache-2.0
#include "train/run_end.h"

#include "base/atomic_file.h"

namespace canopy {

using Json = nlohmann::ordered_json;

void write_done(const RunFolder& folder, const TrainResult& result) {
  const Json document = {{"steps", result.steps},
                         {"seconds", result.seconds},
                         {"waiting_share", result.waiting_share},
                         {"samples_per_s", result.samples_per_s},
                         {"substituted_tiles", result.substituted_tiles},
                         {"model_id", result.model_id},
                         {"metrics", result.metrics}};
  write_file(folder.done(), document.dump(2) + "\n");
}

TrainResult read_done(const RunFolder& folder) {
  const Json json = Json::parse(read_file(folder.done()));
  TrainResult result;
  result.is_done = true;
  result.steps = json.at("steps");
  result.seconds = json.at("seconds");
  result.waiting_share = json.at("waiting_share");
  result.samples_per_s = json.at("samples_per_s");
  result.substituted_tiles = json.at("substituted_tiles");
  result.model_id = json.at("model_id");
  result.metrics = json.at("metrics");
  return result;
}

void write_stopped(const RunFolder& folder,
                   const TrainResult& result,
                   const std::map<std::string, double>& figures) {
  const Json document = {
      {"steps", result.steps}, {"seconds", result.seconds}, {"figures", figures}};
  write_file(folder.stopped(), document.dump(2) + "\n");
}

}  // namespace canopy
