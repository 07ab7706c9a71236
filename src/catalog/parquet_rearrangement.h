// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "catalog/catalog.h"
#include "catalog/compaction.h"
#include "catalog/rearrangement.h"

// Parts anew under the eyes of readers, with the old ones there until the new ones are whole:
//
//  1. parts are made in a folder of their own beside `tiles/`;
//  2. one by one they take the place of the parts of the same name. Each is whole by itself, so a
//     reader sees of every ingest its old rows or its new ones;
//  3. an ingest that nothing was given for keeps the part that it has; out of a merged part its
//     rows are copied into one of its own;
//  4. merged parts go, which uncovers the parts of 2 and 3. The rename or removal of one file is
//     each step's commit, and a rebuild that was killed is simply run again.
//
// A merged part that cannot be read is moved to `damaged/` in the catalog's folder.

namespace canopy {

class ParquetRearrangement : public Rearrangement {
 public:
  /// Takes the CatalogLock.
  explicit ParquetRearrangement(const std::filesystem::path& folder);
  ~ParquetRearrangement() override;

  void replace(const std::string& ingest_id, std::span<const TileRow> rows) override;
  Rearranged finish() override;
  std::vector<std::string> drop(const std::vector<std::string>& ingests) override;

 private:
  std::filesystem::path tiles() const { return catalog_.folder() / "tiles"; }
  void put_in_place();
  void keep_the_rest();
  void drop_merged();

  Catalog catalog_;
  CatalogLock lock_;
  AtomicFile staging_;  ///< a folder, with a name of its own that is swept when its process is gone
  std::optional<Catalog> staged_;
  std::set<std::string> ids_, damaged_;
  std::vector<CatalogPart> merged_;
  std::map<std::string, std::vector<std::string>> lists_;  ///< what each merged part hides
  Rearranged done_;
};

}  // namespace canopy
