// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingest_report.h"

#include <cstdio>

#include "base/progress.h"

namespace canopy {
namespace {

using nlohmann::json;

json to_json(const Complaints& complaints) {
  return {{"count", complaints.count}, {"first", complaints.first}};
}

Complaints complaints_from(const json& value) {
  return {value.at("count").get<std::int64_t>(), value.at("first").get<std::vector<std::string>>()};
}

}  // namespace

std::string IngestReport::summary() const {
  if (was_interrupted)
    return "stopped after " + format_count(tiles_written + tiles_kept) + " of " +
           format_count(tiles) + " tiles; run it again to go on";
  std::string text = was_done ? "already ingested, " + format_count(tiles_kept) + " tiles"
                              : format_count(tiles_written) + " tiles written, " +
                                    format_count(tiles_kept) + " kept";
  if (kind != LabelKind::None)
    text += ", " + format_count(labels_used) + " labels of " + format_count(labels_read) + " used";
  if (was_done || seconds <= 0) return text;
  char rate[32];
  std::snprintf(rate, sizeof rate, "; %.1f Mpx/s", megapixels / seconds);
  return text + rate;
}

json to_json(const IngestReport& r) {
  return {{"tiles", r.tiles},
          {"tiles_without_data", r.tiles_without_data},
          {"tiles_without_labels", r.tiles_without_labels},
          {"labels_read", r.labels_read},
          {"labels_used", r.labels_used},
          {"labels_repaired", r.labels_repaired},
          {"label_kind", name_of(r.kind)},
          {"tiles_skipped", to_json(r.tiles_skipped)},
          {"labels_skipped", to_json(r.labels_skipped)}};
}

void fill_from(const json& recorded, IngestReport& r) {
  r.tiles = recorded.at("tiles");
  r.tiles_without_data = recorded.at("tiles_without_data");
  r.tiles_without_labels = recorded.at("tiles_without_labels");
  r.labels_read = recorded.at("labels_read");
  r.labels_used = recorded.at("labels_used");
  r.labels_repaired = recorded.at("labels_repaired");
  r.kind = label_kind(recorded.at("label_kind"));
  r.tiles_skipped = complaints_from(recorded.at("tiles_skipped"));
  r.labels_skipped = complaints_from(recorded.at("labels_skipped"));
}

}  // namespace canopy
