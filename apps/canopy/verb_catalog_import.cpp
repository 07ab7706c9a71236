// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "ingest/import_examples.h"
#include "records.h"
#include "verbs.h"

namespace canopy {
namespace {

struct ImportState {
  std::vector<std::string> files;
  ImportOptions options;
};

void print_complaints(const char* what, const Complaints& complaints) {
  for (const std::string& line : complaints.first)
    std::fprintf(stderr, "skipped %s: %s\n", what, line.c_str());
  const auto more = complaints.count - std::ssize(complaints.first);
  if (more > 0) std::fprintf(stderr, "skipped %s: and %s more\n", what, format_count(more).c_str());
}

int import(ImportState& state, Context& context) {
  OpenWorkspace space(context.workspace());
  state.options.home = space.workspace().root();
  const ImportReport report = import_examples(
      {state.files.begin(), state.files.end()},
      state.options,
      space.store(),
      [&](const std::string& id, std::span<const TileRow> rows) {
        return space.catalog().commit_part(id, rows);
      },
      *context.progress);
  print_complaints("example", report.skipped);
  print_complaints("label", report.labels_skipped);
  if (context.json)
    std::printf("%s\n",
                nlohmann::ordered_json{{"ingest_id", report.ingest_id},
                                       {"was_done", report.was_done},
                                       {"files", report.files},
                                       {"tiles_written", report.tiles_written},
                                       {"tiles_kept", report.tiles_kept},
                                       {"tiles_twice", report.tiles_twice},
                                       {"objects", report.objects},
                                       {"skipped", report.skipped.count},
                                       {"labels_skipped", report.labels_skipped.count}}
                    .dump(2)
                    .c_str());
  else
    std::printf("%s   %s tiles written, %s kept   %s objects\n",
                report.ingest_id.c_str(),
                format_count(report.tiles_written).c_str(),
                format_count(report.tiles_kept).c_str(),
                format_count(report.objects).c_str());
  return report.skipped.count + report.labels_skipped.count > 0 ? kSkipped : kDone;
}

}  // namespace

Command verb_catalog_import() {
  auto state = std::make_shared<ImportState>();
  Command command(
      "catalog import",
      "Enter tiles that are there already as tf.train.Example: single files or TFRecord");
  command.options(state->options)
      .positionals("FILES", state->files, "examples or TFRecord files, plain or gzip")
      .example("canopy catalog import tiles/*.tfrecord gsd=0.05 crop=walnut orchard=B7")
      .example(
          "canopy catalog import a.tfrecord gsd=0.1 keys=image/encoded=png,image/filename=name")
      .run([state](Context& context) { return import(*state, context); });
  return command;
}

}  // namespace canopy
