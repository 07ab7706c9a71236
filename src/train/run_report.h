// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "train/trainer.h"

// What a registry is told of a run, as a file in the run's folder: run.json, for runs on machines
// that have no registry. Where there is one, 'canopy run import' enters it.

namespace canopy {

/// One start of a run, from its beginning or its checkpoint to its end or an interruption.
struct RunStart {
  std::string started_at, finished_at;  ///< base/utc.h
  std::string status;                   ///< "done", "interrupted", "failed"
  double wall_s = 0, cpu_s = 0, usd = 0;
  std::int64_t examples_seen = 0, bytes_read = 0;
};

struct RunReport {
  std::string id;                   ///< the name of its folder
  std::string dataset, dataset_id;  ///< empty where the list of references did not say
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  std::vector<RunStart> starts;
  std::string model_id, model_name;  ///< empty until it is done
  nlohmann::ordered_json metrics = nlohmann::ordered_json::object();
};

std::filesystem::path report_path(const RunFolder& run);
/// Atomic.
void write_run_report(const RunFolder& run, const RunReport& report);
/// Throws NotFound, or User for a file that is none.
RunReport read_run_report(const RunFolder& run);

/// Measures one start: made before `train`, asked after it.
class StartClock {
 public:
  StartClock();
  /// `result`: nothing when it failed.
  RunStart stop(const TrainResult* result, double usd_per_hour) const;

 private:
  std::string started_at_;
  std::chrono::steady_clock::time_point wall_;
  double cpu_s_;
};

}  // namespace canopy
