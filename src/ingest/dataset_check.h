// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "catalog/catalog.h"
#include "catalog/snapshot.h"
#include "store/blob_store.h"

// Whether all that a dataset rests on is as it was written, down to the bit:
//
//   its own files        against dataset.json, that against the registry's record
//   each example file    unpacked, against its name, which is the SHA-256 of its content
//   each manifest        of the ingests that its tiles came by, against its own content_sha256
//   each catalog part    that was asked, against the SHA-256 in dataset.json; where compaction has
//                        replaced it since, the merged part against its name

namespace canopy {

struct CheckOptions {
  bool quick = false;
  int threads = 0;

  template <class Fields>
  void describe(Fields& field) {
    field("quick", quick, "The dataset's own files alone, and not what they refer to.");
    field("threads", threads, "Threads; 0: all cores.");
  }
};

/// What is broken, one line each, naming the file; nothing when all is well. `manifest_sha256` is
/// what the registry keeps, empty when it does not know the dataset.
std::vector<std::string> check_dataset(const Snapshot& snapshot,
                                       const std::string& manifest_sha256,
                                       const BlobStore& store,
                                       const Catalog& catalog,
                                       const CheckOptions& options = {},
                                       Progress& progress = no_progress());

}  // namespace canopy
