// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "store/blob_store.h"

// Who is at work in a store, so that what an ingest is about to refer to is not removed under it.
// An ingest finds a tile there already and does not write it; a collector that removes that very
// tile, which nothing refers to yet, would leave the ingest with a manifest of files that are gone.
// So each says that it works before it looks, and looks for the other after it has said so:
//
//   ingest      puts  running/ingest-<id>.json,  then stops if there is  running/gc.json
//   collector   puts  running/gc.json,           then stops if there is any  running/ingest-*.json
//
// Of two that begin at once at least one sees the other. A mark says when it was made, and one
// older than `kMarkHours` is of a process that died: it no longer counts. Both end well within that
// time; a collector stops by itself.

namespace canopy {

inline constexpr double kMarkHours = 24;

class RunningMark {
 public:
  /// Puts the mark `running/<who>.json`, anew where one stands.
  RunningMark(BlobStore& store, const std::string& who);
  /// Removes it.
  ~RunningMark();
  RunningMark(const RunningMark&) = delete;
  RunningMark& operator=(const RunningMark&) = delete;

 private:
  BlobStore& store_;
  std::string name_;
};

/// Who has a mark that counts, of those whose name begins with `prefix`: "ingest-", "gc".
std::vector<std::string> running_in(const BlobStore& store, const std::string& prefix);

/// Throws Conflict while a collector is at work.
void require_no_collector(const BlobStore& store);

}  // namespace canopy
