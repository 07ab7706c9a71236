// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "registry/outlet.h"

// Training runs in an MLflow tracking server, by its REST API 2.0
// (https://mlflow.org/docs/latest/rest-api.html). What is to be entered is one document, which can
// wait in an outbox until the server is there:
//
//   key          marks the run in MLflow, as its tag canopy.key; the same key is the same run
//   experiment   made where it is missing
//   name, status RUNNING, FINISHED, FAILED or KILLED
//   started_at, ended_at   as base/utc.h writes them; ended_at is empty while it runs
//   params, tags, metrics  objects: the options, the dataset and the model, the figures at the end
//   history      path of the run's metrics.csv, each of its steps a step of MLflow's metrics
//
// Entering a document again, or a later one of the same run, only adds what is missing: the run is
// looked up by its key, its params (which MLflow never changes) are set once, and its history goes
// on behind the last step that the server has.

namespace canopy {

class MlflowServer {
 public:
  MlflowServer(const std::string& url, const std::string& token);

  /// Throws as JsonServer does.
  void enter(const nlohmann::ordered_json& run);

 private:
  std::string experiment_id(const std::string& name);
  /// The run as the server has it: "info" and "data".
  nlohmann::json find_or_create(const nlohmann::ordered_json& run);
  void add_params(const std::string& id, const nlohmann::ordered_json& params);
  void add_history(const std::string& id,
                   std::int64_t last_step,
                   const nlohmann::ordered_json& run);
  JsonServer server_;
};

}  // namespace canopy
