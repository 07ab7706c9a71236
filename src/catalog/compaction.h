// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "catalog/catalog.h"

// A catalog of many small parts made one of few large ones, while others ingest and ask. No reader
// ever sees a row twice or not at all, and any step may be the last:
//
//  1. one process at a time does this (CatalogLock); readers and ingests take no lock;
//  2. the rows of some parts are written to a temporary, read back and held against their source
//     (how many, and the sum of their hashes);
//  3. one rename gives it its name, tiles/compacted+<id12>.parquet. That is the commit: its own
//     list of what it replaces (catalog/merged_parts.h) hides those parts from whoever lists the
//     folder from now on. A reader that listed it before has the old parts, and not the new one;
//  4. the old parts stay on disk for `grace_s` seconds, for readers of that kind. A later
//     compaction, rebuild or gc deletes them.
//
// An ingest that commits again after its part was merged finds its rows in the merged part, by the
// same list, so a list is kept for good: a merged part that is merged again hands its list on. A
// query that runs for longer than `grace_s` and meets a part that is gone asks again; it
// does not answer with fewer rows.

namespace canopy {

struct CompactOptions {
  std::int64_t part_mb = 256;
  double grace_s = 3600;
  int threads = 0;
  std::int64_t memory_mb = 2048;

  template <class Fields>
  void describe(Fields& field) {
    field("part-mb", part_mb, "Parts smaller than this are merged, up to about this size.");
    field("grace-s",
          grace_s,
          "Seconds for which replaced parts stay on disk, for queries that have begun.");
    field("threads", threads, "Threads of the engine; 0: all cores.");
    field("memory-mb", memory_mb, "Memory of the engine; larger sorts go to disk.");
  }
  /// Throws User when a number is out of range.
  void validate() const;
};

struct CompactReport {
  std::int64_t parts_before = 0, parts_after = 0;  ///< that count
  std::vector<std::string> made, merged;           ///< new parts; parts whose rows they hold now
  std::vector<std::string> deleted, waiting;       ///< replaced parts: gone, and within their grace
};

/// Holds the catalog against other processes that rearrange its parts, until it goes out of scope
/// or its process dies. Throws Conflict when another has it.
class CatalogLock {
 public:
  explicit CatalogLock(const std::filesystem::path& catalog_folder);
  ~CatalogLock();
  CatalogLock(const CatalogLock&) = delete;
  CatalogLock& operator=(const CatalogLock&) = delete;

 private:
  int descriptor_ = -1;
};

/// A catalog in a database has no parts: nothing is done, and the report is of none. Throws
/// Conflict when another process rearranges the parts, and what Catalog::parts throws.
CompactReport compact(const Catalog& catalog, const CompactOptions& options = {});

/// The following are steps of others, who hold the CatalogLock.

/// Rows of `sources`, but for those of `without`, as one merged part that replaces `sources` and
/// all that these had replaced, but for the parts of `without`. Returns its name.
std::string merge_parts(const Catalog& catalog,
                        const std::vector<CatalogPart>& sources,
                        const std::vector<std::string>& without,
                        const CompactOptions& options);

/// Deletes the replaced parts whose merged part is older than `grace_s`; fills `deleted` and
/// `waiting`.
void delete_replaced(const Catalog& catalog, double grace_s, CompactReport& report);

}  // namespace canopy
