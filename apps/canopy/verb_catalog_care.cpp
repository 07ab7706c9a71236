// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <set>

#include "base/error.h"
#include "catalog/compaction.h"
#include "ingest/catalog_rebuild.h"
#include "ingest/garbage.h"
#include "records.h"
#include "verbs.h"

// What keeps a catalog in order: compact, rebuild, gc.

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

int rebuild(const RebuildOptions& options, Context& context) {
  OpenWorkspace space(context.workspace());
  const RebuildReport report =
      rebuild_catalog(space.store(), space.catalog(), options, *context.progress);
  for (const std::string& line : report.problems.first)
    std::fprintf(stderr, "skipped: %s\n", line.c_str());
  const auto more = report.problems.count - std::ssize(report.problems.first);
  if (more > 0) std::fprintf(stderr, "skipped: and %s more\n", format_count(more).c_str());
  if (context.json)
    std::printf("%s\n",
                Json{{"ingests", report.ingests},
                     {"rows", report.rows},
                     {"parts_changed", report.parts_changed},
                     {"ingests_kept", report.ingests_kept},
                     {"examples_unclaimed", report.examples_unclaimed},
                     {"problems", report.problems.count}}
                    .dump(2)
                    .c_str());
  else
    std::printf("%s rows of %s ingests, %s parts changed\n",
                format_count(report.rows).c_str(),
                format_count(report.ingests).c_str(),
                format_count(report.parts_changed).c_str());
  if (report.examples_unclaimed > 0)
    std::fprintf(stderr,
                 "note: %s example files belong to no ingest (one that was killed; gc removes "
                 "them)\n",
                 format_count(report.examples_unclaimed).c_str());
  return report.problems.count > 0 ? kSkipped : kDone;
}

int compact_catalog(const CompactOptions& options, Context& context) {
  OpenWorkspace space(context.workspace());
  const CompactReport report = compact(space.catalog(), options);
  if (context.json) {
    std::printf("%s\n",
                Json{{"parts_before", report.parts_before},
                     {"parts_after", report.parts_after},
                     {"made", report.made},
                     {"merged", report.merged},
                     {"deleted", report.deleted},
                     {"waiting", report.waiting}}
                    .dump(2)
                    .c_str());
    return kDone;
  }
  if (!space.catalog().has_files()) {
    std::printf("the catalog is in a database, which keeps itself; there are no parts to merge\n");
    return kDone;
  }
  std::printf(
      "%s parts became %s; %zu replaced ones deleted, %zu wait for queries that have begun\n",
      format_count(report.parts_before).c_str(),
      format_count(report.parts_after).c_str(),
      report.deleted.size(),
      report.waiting.size());
  return kDone;
}

int collect(const GarbageOptions& options, Context& context) {
  OpenWorkspace space(context.workspace());
  std::set<std::string> datasets;
  for (const RunRecord& run : space.registry().runs())
    if (!run.dataset_id.empty()) datasets.insert(run.dataset_id);
  const Garbage garbage = collect_garbage(space.store(),
                                          space.catalog(),
                                          space.workspace().datasets(),
                                          {datasets.begin(), datasets.end()},
                                          options,
                                          *context.progress);
  if (context.json) {
    std::printf("%s\n",
                Json{{"removed", garbage.is_removed},
                     {"ingests", garbage.ingests},
                     {"examples", garbage.examples},
                     {"example_bytes", garbage.example_bytes},
                     {"examples_waiting", garbage.examples_waiting},
                     {"examples_kept", garbage.examples_kept},
                     {"ingests_kept", garbage.ingests_kept},
                     {"parts_deleted", garbage.parts_deleted}}
                    .dump(2)
                    .c_str());
    return kDone;
  }
  for (const std::string& id : garbage.ingests)
    std::printf("ingest     %s   superseded, in no dataset\n", id.c_str());
  std::printf("examples   %s files, %s MB%s\n",
              format_count(std::ssize(garbage.examples)).c_str(),
              format_count(garbage.example_bytes / 1000000).c_str(),
              garbage.is_removed ? "   removed" : "");
  if (garbage.examples_waiting > 0)
    std::printf("waiting    %s example files that no ingest names, until their grace is over\n",
                format_count(garbage.examples_waiting).c_str());
  std::printf("kept       %s ingests, %s example files\n",
              format_count(garbage.ingests_kept).c_str(),
              format_count(garbage.examples_kept).c_str());
  if (!garbage.is_removed) std::printf("nothing was removed; --remove does it\n");
  return kDone;
}

}  // namespace

Command verb_catalog_rebuild() {
  auto options = std::make_shared<RebuildOptions>();
  Command command("catalog rebuild",
                  "Make the catalog again from the store's manifests and examples");
  command.options(*options).run([options](Context& context) { return rebuild(*options, context); });
  return command;
}

Command verb_catalog_compact() {
  auto options = std::make_shared<CompactOptions>();
  Command command("catalog compact", "Merge the catalog's many small parts into few");
  command.options(*options).run(
      [options](Context& context) { return compact_catalog(*options, context); });
  return command;
}

Command verb_catalog_gc() {
  auto options = std::make_shared<GarbageOptions>();
  Command command("catalog gc",
                  "Show, or remove, what no dataset, run or latest revision refers to");
  command.options(*options)
      .example("canopy catalog gc")
      .example("canopy catalog gc --remove")
      .run([options](Context& context) { return collect(*options, context); });
  return command;
}

}  // namespace canopy
