// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/progress.h"
#include "catalog/catalog.h"
#include "ingest/label_set.h"
#include "store/blob_store.h"

// The catalog again from the store alone: each manifest becomes the rows of its ingest, once every
// example file that it names was held against its name. Readers see of every ingest its old rows or
// its new ones, whole; a rebuild that was killed is simply run again (catalog/rearrangement.h).
//
// An ingest whose manifest is missing or damaged keeps the rows that it has. A row whose example
// file is missing or damaged is left out and named: a dataset would trip over it.

namespace canopy {

struct RebuildOptions {
  bool quick = false;
  int threads = 0;

  template <class Fields>
  void describe(Fields& field) {
    field("quick", quick, "Ask only for the size of each example file, instead of reading it.");
    field("threads", threads, "Threads; 0: all cores.");
  }
};

struct RebuildReport {
  std::int64_t ingests = 0, rows = 0;   ///< of those with a good manifest
  std::int64_t parts_changed = 0;       ///< of them, those with other rows than before, or new
  std::int64_t ingests_kept = 0;        ///< without a manifest: their rows stay as they were
  std::int64_t examples_unclaimed = 0;  ///< example files that no manifest names: killed ingests
  Complaints problems;  ///< manifests, example files and parts that are missing or damaged
};

/// Throws Conflict while another process rearranges the catalog, Environment when the store or the
/// disk fails; the catalog is as it was then, but for ingests already in place.
RebuildReport rebuild_catalog(const BlobStore& store,
                              const Catalog& catalog,
                              const RebuildOptions& options = {},
                              Progress& progress = no_progress());

}  // namespace canopy
