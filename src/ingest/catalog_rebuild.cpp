// SPDX-License-Identifier: Apache-2.0
#include "ingest/catalog_rebuild.h"

#include <memory>
#include <set>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/threads.h"
#include "catalog/catalog_engine.h"
#include "ingest/manifest.h"
#include "ingest/store_listing.h"
#include "ingest/stored_tile.h"

namespace canopy {
namespace {

class Rebuild {
 public:
  Rebuild(const BlobStore& store,
          const Catalog& catalog,
          const RebuildOptions& options,
          Progress& progress)
      : store_(store),
        options_(options),
        progress_(progress),
        rearranged_(catalog.engine().rearrange()) {}

  RebuildReport run() {
    const StoreListing listing = list_store(store_);
    progress_.begin("rebuild", std::ssize(listing.manifests), "ingests");
    std::int64_t done = 0;
    for (const std::string& manifest : listing.manifests) {
      stage(manifest);
      progress_.update(++done);
      if (interrupted()) throw Error(Fault::Conflict, "stopped; run it again to go on");
    }
    progress_.end();
    for (const auto& [uri, bytes] : listing.examples)
      report_.examples_unclaimed += !claimed_.count(uri);
    finish();
    return report_;
  }

 private:
  /// The rows of a manifest whose example files are as they should be.
  void stage(const std::string& name) {
    IngestManifest manifest;
    try {
      manifest = manifest_from_bytes(store_.address_of(name), store_.get(name));
      require(manifest_path(manifest.ingest_id) == name, [&] {
        return store_.address_of(name) + ": is the manifest of ingest " + manifest.ingest_id;
      });
    } catch (const Error& error) {
      if (error.fault() == Fault::Environment || error.fault() == Fault::Bug) throw;
      report_.problems.add(error.what());
      return;
    }
    std::vector<std::string> problems(manifest.rows.size());
    const int threads = options_.threads > 0 ? options_.threads : available_cores();
    parallel_for(std::ssize(manifest.rows), threads, [&](std::int64_t i) {
      const TileRow& row = manifest.rows[static_cast<std::size_t>(i)];
      if (!interrupted())
        problems[static_cast<std::size_t>(i)] =
            problem_of_tile(store_, row.tile_id, row.uri, row.bytes, !options_.quick);
    });
    std::vector<TileRow> whole;
    for (std::size_t i = 0; i < problems.size(); ++i) {
      claimed_.insert(manifest.rows[i].uri);
      if (problems[i].empty())
        whole.push_back(std::move(manifest.rows[i]));
      else
        report_.problems.add(std::move(problems[i]));
    }
    if (whole.empty()) return;
    rearranged_->replace(manifest.ingest_id, whole);
    ++report_.ingests;
    report_.rows += std::ssize(whole);
  }

  void finish() {
    const Rearranged done = rearranged_->finish();
    report_.parts_changed = done.changed;
    report_.ingests_kept = std::ssize(done.kept);
    for (const auto& [place, id] : done.kept) report_.problems.add(place + kept_as_it_is(id));
    for (const std::string& words : done.damaged) report_.problems.add(words);
  }

  std::string kept_as_it_is(const std::string& id) const {
    return ": is kept as it was, for " + store_.address_of(manifest_path(id)) +
           " is missing, damaged or without any good example";
  }

  const BlobStore& store_;
  const RebuildOptions& options_;
  Progress& progress_;
  std::unique_ptr<Rearrangement> rearranged_;
  std::set<std::string> claimed_;
  RebuildReport report_;
};

}  // namespace

RebuildReport rebuild_catalog(const BlobStore& store,
                              const Catalog& catalog,
                              const RebuildOptions& options,
                              Progress& progress) {
  require(options.threads >= 0, "threads must not be negative");
  return Rebuild(store, catalog, options, progress).run();
}

}  // namespace canopy
