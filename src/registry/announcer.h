// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/workspace.h"
#include "registry/lineage_event.h"
#include "registry/outbox.h"

namespace canopy {

/// Tells other systems what commands do, where canopy.toml names such: OpenLineage events
/// (registry/lineage_event.h) to a file or an endpoint, training runs to MLflow
/// (registry/mlflow.h). Everything goes through the workspace's outbox (registry/outbox.h), and
/// every command that tells something delivers what waits there, for a few seconds at most. Tokens
/// come from OPENLINEAGE_API_KEY and MLFLOW_TRACKING_TOKEN.
///
/// Where nothing is configured, nothing is written and `around` only does the work.
class Announcer {
 public:
  /// Throws User for an address of another kind.
  explicit Announcer(const Workspace& workspace);

  /// Delivers what waits, then does `work`, which returns what it has written: START before it;
  /// then COMPLETE, ABORT where the user interrupted it (base/interrupt.h), or FAIL, with the
  /// message, where it throws.
  void around(LineageJob job, const std::function<std::vector<LineageDataset>()>& work) const;

  bool has_mlflow() const { return !config_.mlflow_url.empty(); }
  /// A run, as registry/mlflow.h describes it, but for `experiment`.
  void track(nlohmann::ordered_json run) const;

 private:
  void deliver() const;
  WorkspaceConfig config_;
  std::filesystem::path root_;
  Outbox outbox_;
};

}  // namespace canopy
