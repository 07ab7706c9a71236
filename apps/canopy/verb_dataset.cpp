// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <mutex>

#include "base/error.h"
#include "catalog/saved_queries.h"
#include "catalog/snapshot_refs.h"
#include "ingest/dataset_check.h"
#include "records.h"
#include "verbs.h"

namespace canopy {
namespace {

struct CreateState {
  std::string name, query;
  SnapshotOptions options;
  template <class F>
  void describe(F& field) {
    field("query", query, "A saved query, by its name (canopy query save); see sql.");
  }
};

/// "train 36,511  val 2,310  test 2,387".
std::string split_counts(const Snapshot& snapshot) {
  std::string text;
  for (const auto& [split, counts] : snapshot.manifest.at("counts").at("splits").items())
    text += (text.empty() ? "" : "  ") + split + " " +
            format_count(counts.at("tiles").get<std::int64_t>());
  return text;
}

int create(CreateState& state, Context& context) {
  const auto started = std::chrono::steady_clock::now();
  OpenWorkspace space(context.workspace());
  SnapshotOptions options = state.options;
  options.name = state.name;
  const SavedQueries queries(space.workspace().queries());
  options.sql = queries.read(options.sql);
  if (!state.query.empty()) {
    require(options.sql.empty(), "give either sql or query, not both");
    require(options.where.empty(), "give either where or query, not both");
    options.sql = queries.find(state.query).sql;
  }
  const CreatedSnapshot created = space.create_dataset(options);
  for (const std::string& note : created.notes) std::fprintf(stderr, "note: %s\n", note.c_str());
  if (context.json) {
    std::printf("%s\n", created.snapshot.manifest.dump(2).c_str());
    return kDone;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf("%s   %s tiles   %s   %.1f s%s\n",
              created.snapshot.ref().c_str(),
              format_count(created.snapshot.tile_count()).c_str(),
              split_counts(created.snapshot).c_str(),
              seconds,
              created.reused ? "   (there already)" : "");
  return kDone;
}

struct VerifyState {
  std::string dataset;
  CheckOptions options;
};

int verify(const VerifyState& state, Context& context) {
  OpenWorkspace space(context.workspace());
  const Snapshot snapshot = space.dataset(state.dataset);
  const auto kept = space.registry().find_dataset(snapshot.id);
  if (!kept)
    std::fprintf(
        stderr,
        "note: the registry does not know this dataset, so nothing vouches for dataset.json "
        "but the id in it\n");
  const auto broken = check_dataset(snapshot,
                                    kept ? kept->manifest_sha256 : "",
                                    space.store(),
                                    space.catalog(),
                                    state.options,
                                    *context.progress);
  if (context.json)
    std::printf("%s\n",
                nlohmann::json{{"dataset", snapshot.ref()}, {"broken", broken}}.dump(2).c_str());
  for (const std::string& line : broken) std::fprintf(stderr, "broken: %s\n", line.c_str());
  if (broken.empty() && !context.json)
    std::printf("%s   %s tiles   every file is as it was written%s\n",
                snapshot.ref().c_str(),
                format_count(snapshot.tile_count()).c_str(),
                state.options.quick ? " (the dataset's own)" : "");
  return broken.empty() ? kDone : kRefused;
}

}  // namespace

Command verb_dataset_create() {
  auto state = std::make_shared<CreateState>();
  Command command("dataset create", "Make an immutable dataset by one query");
  command.options(*state)
      .options(state->options)
      .positional("NAME", state->name, "what to call it")
      .example(
          "canopy dataset create walnuts --where \"crop = 'walnut' and gsd_m <= 0.1\" --split-by "
          "orchard")
      .example("canopy dataset create walnuts --sql walnuts.sql")
      .run([state](Context& context) { return create(*state, context); });
  return command;
}

Command verb_dataset_list() {
  Command command("dataset list", "All datasets of the workspace");
  command.run([](Context& context) {
    nlohmann::json list = nlohmann::json::array();
    for (const Snapshot& snapshot : list_snapshots(context.workspace().datasets())) {
      list.push_back({{"dataset", snapshot.ref()}, {"tiles", snapshot.tile_count()}});
      if (!context.json)
        std::printf("%-40s %12s tiles   %s\n",
                    snapshot.ref().c_str(),
                    format_count(snapshot.tile_count()).c_str(),
                    split_counts(snapshot).c_str());
    }
    if (context.json) std::printf("%s\n", list.dump(2).c_str());
    return kDone;
  });
  return command;
}

Command verb_dataset_show() {
  auto ref = std::make_shared<std::string>();
  Command command("dataset show", "A dataset's query, parts and counts");
  command.positional("DATASET", *ref, "a name (its newest), name-id, or folder")
      .run([ref](Context& context) {
        const Snapshot snapshot = load_snapshot(*ref, context.workspace().datasets());
        std::printf("%s\n", snapshot.manifest.dump(2).c_str());
        return kDone;
      });
  return command;
}

Command verb_dataset_verify() {
  auto state = std::make_shared<VerifyState>();
  Command command(
      "dataset verify",
      "Hash a dataset's files, examples, manifests and catalog parts; name what is broken");
  command.options(state->options)
      .positional("DATASET", state->dataset, "a name (its newest), name-id, or folder")
      .run([state](Context& context) { return verify(*state, context); });
  return command;
}

Command verb_dataset_diff() {
  struct State {
    std::string a, b;
  };
  auto state = std::make_shared<State>();
  Command command("dataset diff", "Tiles that B has and A has not, and the other way round");
  command.positional("A", state->a, "a dataset")
      .positional("B", state->b, "another")
      .run([state](Context& context) {
        const auto folder = context.workspace().datasets();
        const SnapshotDiff diff =
            diff_snapshots(load_snapshot(state->a, folder), load_snapshot(state->b, folder));
        if (context.json) {
          std::printf(
              "%s\n",
              nlohmann::json{{"added", diff.added}, {"removed", diff.removed}}.dump(2).c_str());
          return kDone;
        }
        for (const std::string& tile : diff.added) std::printf("+ %s\n", tile.c_str());
        for (const std::string& tile : diff.removed) std::printf("- %s\n", tile.c_str());
        std::fprintf(stderr, "%zu added, %zu removed\n", diff.added.size(), diff.removed.size());
        return kDone;
      });
  return command;
}

}  // namespace canopy
