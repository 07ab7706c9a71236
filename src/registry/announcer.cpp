// SPDX-License-Identifier: Apache-2.0
#include "registry/announcer.h"

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/s3_address.h"
#include "base/utc.h"
#include "registry/mlflow.h"
#include "registry/outlet.h"

namespace canopy {
namespace {

constexpr std::chrono::milliseconds kBudget{5000};
constexpr char kLineage[] = "openlineage", kMlflow[] = "mlflow";

bool is_http(const std::string& url) {
  return url.starts_with("http://") || url.starts_with("https://");
}
bool is_file(const std::string& url) { return url.starts_with("file:"); }

/// The path of file:PATH or file:///PATH, relative ones to the workspace.
std::string path_of(const std::string& url, const std::filesystem::path& root) {
  const std::string path = url.substr(url.starts_with("file://") ? 7 : 5);
  return (root / path).string();
}

}  // namespace

Announcer::Announcer(const Workspace& workspace)
    : config_(workspace.config()), root_(workspace.root()), outbox_(workspace.outbox()) {
  const std::string &lineage = config_.openlineage_url, &mlflow = config_.mlflow_url;
  require(lineage.empty() || is_http(lineage) || is_file(lineage), [&] {
    return "openlineage.url '" + lineage +
           "': give file:PATH, or the http(s) address of an endpoint";
  });
  require(mlflow.empty() || is_http(mlflow), [&] {
    return "mlflow.url '" + mlflow + "': give the http(s) address of a tracking server";
  });
}

void Announcer::around(LineageJob job,
                       const std::function<std::vector<LineageDataset>()>& work) const {
  if (has_mlflow() || !config_.openlineage_url.empty())
    deliver();  // what earlier commands could not
  if (config_.openlineage_url.empty()) {
    work();
    return;
  }
  job.ns = config_.openlineage_namespace;
  job.run_id = new_uuid();
  const auto tell = [&](const char* type, const auto& outputs, const std::string& error) {
    try {
      outbox_.put(kLineage, lineage_event(job, type, utc_now(), outputs, error));
      deliver();
    } catch (const std::exception& failure) {
      log_warning(std::string("a lineage event is lost: ") + failure.what());
    }
  };
  using Outputs = std::vector<LineageDataset>;
  tell("START", Outputs(), "");
  Outputs outputs;
  try {
    outputs = work();
  } catch (const std::exception& error) {
    tell(interrupted() ? "ABORT" : "FAIL", Outputs(), interrupted() ? "" : error.what());
    throw;
  }
  tell(interrupted() ? "ABORT" : "COMPLETE", outputs, "");
}

void Announcer::track(nlohmann::ordered_json run) const {
  if (!has_mlflow()) return;
  try {
    run["experiment"] = config_.mlflow_experiment;
    outbox_.put(kMlflow, run);
    deliver();
  } catch (const std::exception& failure) {
    log_warning(std::string("MLflow is not told of a run: ") + failure.what());
  }
}

void Announcer::deliver() const {
  const Variables variables = process_variables();
  std::map<std::string, Outbox::Deliver> channels;
  const std::string& lineage = config_.openlineage_url;
  if (is_file(lineage))
    channels[kLineage] = [&](const auto& event) {
      append_line(path_of(lineage, root_), event.dump());
    };
  if (is_http(lineage))
    channels[kLineage] = [&, token = variables("OPENLINEAGE_API_KEY")](const auto& event) {
      JsonServer(lineage, token).post("", event);
    };
  if (has_mlflow())
    channels[kMlflow] = [&, token = variables("MLFLOW_TRACKING_TOKEN")](const auto& run) {
      MlflowServer(config_.mlflow_url, token).enter(run);
    };
  outbox_.deliver(channels, kBudget);
}

}  // namespace canopy
