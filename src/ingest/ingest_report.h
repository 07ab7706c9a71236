// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "ingest/label_set.h"

namespace canopy {

/// What an ingest did.
struct IngestReport {
  std::string ingest_id;
  bool was_done = false;         ///< an earlier run had done all of it
  bool was_interrupted = false;  ///< Ctrl-C: nothing is committed; run it again to go on
  std::int64_t tiles = 0;        ///< windows of the picture
  std::int64_t tiles_written = 0, tiles_kept = 0;  ///< kept: were in the store already
  std::int64_t tiles_without_data = 0, tiles_without_labels = 0;  ///< left out as options say
  std::int64_t labels_read = 0, labels_used = 0, labels_repaired = 0;
  LabelKind kind = LabelKind::None;
  Complaints tiles_skipped, labels_skipped;  ///< any of these: exit code 3
  double megapixels = 0, seconds = 0;  ///< of the picture; of all, from hashing it to its rows
  bool has_skipped() const { return tiles_skipped.count + labels_skipped.count > 0; }
  /// "12 tiles written, 3 kept, 40 labels of 41 used; 5.1 Mpx/s".
  std::string summary() const;
};

/// What a manifest keeps of it: all that a later run of the same ingest would find again. Not what
/// that run wrote, kept or took.
nlohmann::json to_json(const IngestReport& report);
/// Sets those members. Throws nlohmann::json::exception when one is missing.
void fill_from(const nlohmann::json& recorded, IngestReport& report);

}  // namespace canopy
