// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/error.h"
#include "data/refs_file.h"
#include "ingest/dataset_export.h"
#include "records.h"
#include "verbs.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

struct ExportState {
  std::string dataset, refs, folder;
  ExportOptions options;
  template <class F>
  void describe(F& field) {
    field("refs", refs, "File for the list of its tiles, which canopy-train takes.");
  }
};

int export_list(const ExportState& state, Context& context) {
  context.require_writable(state.refs);
  const Snapshot dataset = load_snapshot(state.dataset, context.workspace().datasets());
  const RefsFile list = {dataset.name, dataset.id, refs_of(dataset)};
  write_refs_file(state.refs, list);
  if (context.json)
    std::printf("%s\n",
                Json{{"dataset", dataset.ref()}, {"refs", state.refs}, {"tiles", list.refs.size()}}
                    .dump(2)
                    .c_str());
  else
    std::printf("%s   %s tiles   %s\n",
                dataset.ref().c_str(),
                format_count(std::ssize(list.refs)).c_str(),
                state.refs.c_str());
  return kDone;
}

int export_files(const ExportState& state, Context& context) {
  OpenWorkspace space(context.workspace());
  const Snapshot dataset = space.dataset(state.dataset);
  const ExportReport report =
      export_dataset(dataset, space.store(), state.folder, state.options, *context.progress);
  for (const std::string& line : report.skipped.first)
    std::fprintf(stderr, "skipped tile: %s\n", line.c_str());
  const auto more = report.skipped.count - std::ssize(report.skipped.first);
  if (more > 0) std::fprintf(stderr, "skipped tile: and %s more\n", format_count(more).c_str());
  if (context.json)
    std::printf("%s\n",
                Json{{"dataset", dataset.ref()},
                     {"as", state.options.as},
                     {"folder", state.folder},
                     {"tiles", report.tiles},
                     {"objects", report.objects},
                     {"skipped", report.skipped.count}}
                    .dump(2)
                    .c_str());
  else
    std::printf("%s   %s tiles   %s   %s\n",
                dataset.ref().c_str(),
                format_count(report.tiles).c_str(),
                state.options.as.c_str(),
                state.folder.c_str());
  return report.skipped.count > 0 ? kSkipped : kDone;
}

}  // namespace

Command verb_dataset_export() {
  auto state = std::make_shared<ExportState>();
  Command command("dataset export",
                  "Write a dataset as COCO, TFRecord, plain folders, or a list to train from");
  command.options(*state)
      .options(state->options)
      .positional("DATASET", state->dataset, "a name (its newest), name-id, or folder")
      .output(state->folder, "the folder for COCO, TFRecord or plain folders", false)
      .example("canopy dataset export walnuts as=coco -o walnuts-coco/")
      .example("canopy dataset export walnuts --refs walnuts.tsv")
      .run([state](Context& context) {
        require(state->refs.empty() != state->folder.empty(),
                "say what to export: -o FOLDER writes it as=coco, tfrecord or folders, --refs FILE "
                "writes the list of tiles");
        return state->refs.empty() ? export_files(*state, context) : export_list(*state, context);
      });
  return command;
}

}  // namespace canopy
