// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "catalog/tile_row.h"

namespace canopy {

/// What a rebuild made of a catalog.
struct Rearranged {
  std::int64_t changed = 0;  ///< ingests whose rows are others now, or new
  /// Ingests that nothing was given for: where their rows stand, as before, and the ingest's id.
  std::vector<std::pair<std::string, std::string>> kept;
  std::vector<std::string> damaged;  ///< in words, what could not be read and was put aside
};

/// A catalog held by one process that changes which rows stand in it (CatalogEngine::rearrange),
/// until it goes out of scope or its process dies. Others ingest and ask meanwhile: of every ingest
/// they see the rows of before or those of after, whole.
class Rearrangement {
 public:
  virtual ~Rearrangement() = default;

  /// Gives the rows of an ingest that shall stand in place of those that do. They may stand at once
  /// or in `finish`.
  virtual void replace(const std::string& ingest_id, std::span<const TileRow> rows) = 0;
  /// From now on what was given stands; ingests that nothing was given for keep their rows.
  virtual Rearranged finish() = 0;

  /// Removes all rows of these ingests, which may come again later. Returns the names of files that
  /// went with them because they had been replaced before.
  virtual std::vector<std::string> drop(const std::vector<std::string>& ingests) = 0;
};

}  // namespace canopy
