// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/blob_store.h"

namespace canopy {

/// What lies in a store, by name; other blobs are nobody's business.
struct StoreListing {
  std::vector<std::string> manifests;                      ///< "ingests/<ingest>.json", in order
  std::unordered_map<std::string, std::int64_t> examples;  ///< bytes of "ab/cdef....example.gz"
};
StoreListing list_store(const BlobStore& store);

}  // namespace canopy
