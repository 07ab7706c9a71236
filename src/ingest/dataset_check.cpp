// SPDX-License-Identifier: Apache-2.0
#include "ingest/dataset_check.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/threads.h"
#include "catalog/merged_parts.h"
#include "catalog/snapshot_refs.h"
#include "ingest/manifest.h"
#include "ingest/stored_tile.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// How a file of the catalog, named from its folder, comes back.
std::string remedy_for(const std::string& name) {
  if (!name.starts_with("scores/")) return "canopy catalog rebuild makes it anew from the store";
  return "remove it, then 'canopy train DATASET run=" + fs::path(name).stem().string() +
         " --resume' writes it again";
}

class Check {
 public:
  Check(const Snapshot& snapshot,
        const BlobStore& store,
        const Catalog& catalog,
        const CheckOptions& options,
        Progress& progress)
      : snapshot_(snapshot),
        store_(store),
        catalog_(catalog),
        options_(options),
        progress_(progress) {}

  void examples() {
    const std::vector<SnapshotRef> refs = read_refs(snapshot_);
    std::vector<std::string> problems(refs.size());
    progress_.begin("verify", std::ssize(refs), "tiles");
    std::mutex mutex;
    std::int64_t done = 0;
    const int threads = options_.threads > 0
                            ? options_.threads
                            : std::max(store_.reads_in_flight(), available_cores());
    parallel_for(std::ssize(refs), threads, [&](std::int64_t i) {
      if (interrupted()) return;
      const SnapshotRef& ref = refs[static_cast<std::size_t>(i)];
      problems[static_cast<std::size_t>(i)] =
          problem_of_tile(store_, ref.tile_id, ref.uri, ref.bytes, true);
      const std::lock_guard lock(mutex);
      progress_.update(++done);
    });
    progress_.end();
    for (std::string& problem : problems)
      if (!problem.empty()) found_.push_back(std::move(problem));
  }

  void catalog_parts() {
    std::vector<CatalogPart> on_disk;
    try {
      on_disk = catalog_.parts_on_disk();
    } catch (const Error& error) {
      found_.emplace_back(error.what());
    }
    for (const auto& part : snapshot_.manifest.value("catalog_parts", Json::array()))
      catalog_part(part.at("uri"), part.at("sha256"), on_disk);
  }

  void manifests() {
    std::set<std::string> ids;
    try {
      Catalog catalog = catalog_;
      catalog.see_datasets(snapshot_.folder.parent_path());
      for (const auto& row :
           catalog
               .query("SELECT DISTINCT ingest_id FROM tiles SEMI JOIN datasets.\"" +
                          snapshot_.ref() + "\" USING (tile_id)",
                      {.timeout_s = 0})
               .rows)
        ids.insert(to_text(row[0]));
    } catch (const Error& error) {
      found_.push_back("the catalog cannot tell by which ingests the tiles came: " +
                       std::string(error.what()));
    }
    for (const std::string& id : ids) {
      const std::string name = manifest_path(id);
      try {
        (void)manifest_from_bytes(store_.address_of(name), store_.get(name));
      } catch (const Error& error) {
        found_.emplace_back(error.what());
      }
    }
  }

  std::vector<std::string> found() && { return std::move(found_); }

 private:
  using Json = nlohmann::ordered_json;

  void catalog_part(const std::string& name,
                    const std::string& sha256,
                    const std::vector<CatalogPart>& on_disk) {
    const fs::path path = catalog_.folder() / name;
    if (fs::exists(path)) {
      if (sha256_of_file(path) != sha256)
        found_.push_back(path.string() +
                         ": its bytes are not those that the dataset was made from (SHA-256 "
                         "differs); " +
                         remedy_for(name));
      return;
    }
    const auto merged = on_disk.empty() ? std::nullopt : merged_part_of(on_disk, name);
    if (!merged) {
      found_.push_back(path.string() + ": is missing; " + remedy_for(name));
    } else if (seen_.insert(merged->name).second &&
               merged->path.filename().string() !=
                   "compacted+" + sha256_of_file(merged->path).substr(0, 12) + ".parquet") {
      found_.push_back(merged->path.string() +
                       ": its bytes are not those that its name says (SHA-256 differs); canopy "
                       "catalog rebuild makes it anew");
    }
  }

  const Snapshot& snapshot_;
  const BlobStore& store_;
  const Catalog& catalog_;
  const CheckOptions& options_;
  Progress& progress_;
  std::set<std::string> seen_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> check_dataset(const Snapshot& snapshot,
                                       const std::string& manifest_sha256,
                                       const BlobStore& store,
                                       const Catalog& catalog,
                                       const CheckOptions& options,
                                       Progress& progress) {
  require(options.threads >= 0, "threads must not be negative");
  std::vector<std::string> problems = verify_snapshot(snapshot, manifest_sha256);
  if (options.quick) return problems;
  Check check(snapshot, store, catalog, options, progress);
  if (problems.empty()) check.examples();
  if (catalog.has_files()) {  // a database vouches for its rows
    if (problems.empty()) check.manifests();
    check.catalog_parts();
  }
  std::vector<std::string> more = std::move(check).found();
  problems.insert(problems.end(), more.begin(), more.end());
  return problems;
}

}  // namespace canopy
