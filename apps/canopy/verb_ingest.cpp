// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <nlohmann/json.hpp>

#include "announced.h"
#include "catalog/catalog.h"
#include "ingest/ingest.h"
#include "registry/announcer.h"
#include "store/blob_store.h"
#include "verbs.h"

namespace canopy {
namespace {

void print_complaints(const char* what, const Complaints& complaints) {
  for (const std::string& line : complaints.first)
    std::fprintf(stderr, "skipped %s: %s\n", what, line.c_str());
  const auto more = complaints.count - static_cast<std::int64_t>(complaints.first.size());
  if (more > 0) std::fprintf(stderr, "skipped %s: and %s more\n", what, format_count(more).c_str());
}

nlohmann::ordered_json report_json(const IngestReport& report) {
  return {{"ingest_id", report.ingest_id},
          {"was_done", report.was_done},
          {"tiles_written", report.tiles_written},
          {"tiles_kept", report.tiles_kept},
          {"tiles_without_data", report.tiles_without_data},
          {"tiles_skipped", report.tiles_skipped.count},
          {"labels_read", report.labels_read},
          {"labels_used", report.labels_used},
          {"labels_skipped", report.labels_skipped.count},
          {"label_kind", name_of(report.kind)},
          {"megapixels", report.megapixels},
          {"seconds", report.seconds}};
}

/// The rows and the files of an ingest's tiles.
std::vector<LineageDataset> written_by(const IngestReport& report, const Workspace& workspace) {
  if (report.was_interrupted) return {};
  LineageDataset rows = catalog_of(workspace), files = store_of(workspace);
  rows.version = files.version = report.ingest_id;
  rows.rows = report.tiles_written + report.tiles_kept;
  files.rows = report.tiles_written;
  return {rows, files};
}

}  // namespace

Command verb_ingest() {
  struct State {
    IngestOptions options;
    std::string picture, labels;
  };
  auto state = std::make_shared<State>();
  Command command("ingest",
                  "Cut an orthomosaic and its labels into examples, and enter them in the catalog");
  command.options(state->options)
      .positional("ORTHO", state->picture, "the orthomosaic or picture")
      .positional("LABELS",
                  state->labels,
                  "crowns, boxes or points: .gpkg .geojson .shp .json .csv .xml",
                  false)
      .example("canopy ingest farm.tif crowns.gpkg crop=walnut orchard=B7 captured-on=2026-02-11")
      .example("canopy ingest farm.tif crowns.gpkg gsd=0.04,0.08")
      .example("canopy ingest plot.png boxes.xml --gsd 0.1")
      .run([state](Context& context) {
        if (!state->labels.empty()) state->options.labels = state->labels;
        const Workspace workspace = context.workspace();
        state->options.home = workspace.root();
        const auto store = open_blob_store(workspace.address_of(workspace.config().store_url));
        Catalog catalog = Catalog::open(workspace.address_of(workspace.config().catalog_url));
        LineageJob job;
        job.name = "ingest";
        job.type = "INGEST";
        job.inputs = {lineage_dataset(state->picture)};
        if (!state->options.labels.empty())
          job.inputs.push_back(lineage_dataset(state->options.labels));
        IngestReport report;
        Announcer(workspace).around(job, [&] {
          report = ingest(
              state->picture,
              state->options,
              *store,
              [&](const std::string& id, std::span<const TileRow> rows) {
                return catalog.commit_part(id, rows);
              },
              *context.progress);
          return written_by(report, workspace);
        });
        print_complaints("label", report.labels_skipped);
        print_complaints("tile", report.tiles_skipped);
        if (context.json)
          std::printf("%s\n", report_json(report).dump(2).c_str());
        else
          std::printf("%s\n", report.summary().c_str());
        return report.has_skipped() ? kSkipped : kDone;
      });
  return command;
}

}  // namespace canopy
