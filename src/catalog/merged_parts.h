// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.h"

// How a reader tells which parts count. Compaction (catalog/compaction.h) writes merged parts,
// tiles/compacted+<id12>.parquet, where id12 begins the SHA-256 of the file's own bytes. Its
// key-value metadata say `canopy_replaces`: a JSON list of the names of the parts whose rows it
// holds, those included that a part among them had replaced before.
//
//   A part that stands in the list of a merged part does not count, whether it is still on disk or
//   not; nor does the list of a merged part that does not count itself.
//
// So the one rename that makes a merged part visible also hides what it replaces, and a reader sees
// each row once: before it in the old parts, after it in the new one. What is hidden is deleted
// later, when no reader can still be about to open it. An ingest's name holds no '+', so the names
// never meet.

namespace canopy {

/// Whether a part of this name is a merged one.
bool is_merged(const std::string& part_name);

/// The list of a merged part. Throws User, naming the file, when it has none.
std::vector<std::string> replaced_by(const CatalogPart& merged);

/// Thrown when a part is deleted while one looks: what replaces it may have escaped the look, so
/// look again.
struct PartIsGone {};

struct ReplacedPart {
  CatalogPart part;
  std::filesystem::path by;  ///< the merged part that stands for it
};
struct PartsByStanding {
  std::vector<CatalogPart> standing;  ///< in the order of names
  std::vector<ReplacedPart> replaced;
};
/// Divides the parts on disk. Throws Conflict when two merged parts that stand replace the same
/// part: rows would count twice.
PartsByStanding by_standing(std::vector<CatalogPart> on_disk);

/// Of the parts on disk the merged one that stands and replaces the part `name`.
std::optional<CatalogPart> merged_part_of(const std::vector<CatalogPart>& on_disk,
                                          const std::string& name);

}  // namespace canopy
