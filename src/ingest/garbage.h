// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "catalog/catalog.h"
#include "store/blob_store.h"

// What nothing refers to any more. The unit is the ingest, for its manifest is immutable:
//
//   An ingest is kept when one of its rows stands in the view `examples` (it is the latest revision
//   of its picture), when one of its tiles is in a dataset, or when the catalog has no row of it
//   (it was killed before its end and may be completed).
//   An example file is kept when the manifest of a kept ingest or a dataset names it.
//
// All other manifests, their rows and all other example files are garbage. Runs and models refer to
// tiles through their datasets; so a run whose dataset is not there stops the collector, because
// nobody can tell which tiles it saw.
//
// Nothing is removed while an ingest is at work (ingest/running_mark.h). Rows go first, then
// manifests, so that what a killed collector leaves is garbage again. Example files go only once no
// manifest has named them for `grace_hours`: a dataset that was being made meanwhile holds its
// tiles by then, and an ingest that was killed has begun again.

namespace canopy {

struct GarbageOptions {
  bool remove = false;
  double grace_hours = 24;
  bool ignore_missing_datasets = false;

  template <class Fields>
  void describe(Fields& field) {
    field("remove", remove, "Remove what is found; without it, it is only told.");
    field("grace-hours",
          grace_hours,
          "Example files stay until no ingest has named them for this long, as gc has seen it.");
    field("ignore-missing-datasets",
          ignore_missing_datasets,
          "Go on although a run's dataset is not there; tiles that only it had are garbage then.");
  }
};

struct Garbage {
  std::vector<std::string> ingests;    ///< ids
  std::vector<std::string> manifests;  ///< names in the store
  std::vector<std::string> examples;   ///< names in the store
  std::int64_t example_bytes = 0;
  std::int64_t examples_waiting = 0;  ///< within their grace
  std::int64_t examples_kept = 0, ingests_kept = 0;
  std::vector<std::string> parts_deleted;  ///< files of the catalog that had been replaced
  bool is_removed = false;
};

/// Dataset ids that runs refer to, from the registry; those that `datasets_folder` lacks stop the
/// collector. Throws Conflict for that, for an ingest or another collector at work, and User for a
/// manifest that cannot be read: nothing was removed then.
Garbage collect_garbage(BlobStore& store,
                        const Catalog& catalog,
                        const std::filesystem::path& datasets_folder,
                        const std::vector<std::string>& datasets_of_runs,
                        const GarbageOptions& options = {},
                        Progress& progress = no_progress());

}  // namespace canopy
