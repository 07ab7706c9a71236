// SPDX-License-Identifier: Apache-2.0
#include "ingest/garbage.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <set>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/interrupt.h"
#include "catalog/catalog_engine.h"
#include "catalog/snapshot.h"
#include "catalog/snapshot_refs.h"
#include "ingest/manifest.h"
#include "ingest/running_mark.h"
#include "ingest/store_listing.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Names = std::unordered_set<std::string>;

std::set<std::string> texts(const Catalog& catalog, const std::string& sql) {
  std::set<std::string> found;
  for (const auto& row : catalog.query(sql, {.timeout_s = 0}).rows) found.insert(to_text(row[0]));
  return found;
}

/// Names of the tiles of all datasets.
Names tiles_of_datasets(const fs::path& folder,
                        const std::vector<std::string>& datasets_of_runs,
                        bool ignore_missing) {
  Names uris;
  std::set<std::string> there;
  for (const Snapshot& snapshot : list_snapshots(folder)) {
    there.insert(snapshot.id);
    for (SnapshotRef& ref : read_refs(snapshot)) uris.insert(std::move(ref.uri));
  }
  for (const std::string& id : datasets_of_runs)
    if (!ignore_missing && !there.count(id))
      throw Error(Fault::Conflict,
                  "a run was trained on dataset " + id + ", which is not in " + folder.string() +
                      ", so nobody can tell its tiles; bring it back, or pass "
                      "--ignore-missing-datasets");
  return uris;
}

/// Since when each example file has been without an ingest, in a file of the store: blobs have no
/// times.
class Unclaimed {
 public:
  explicit Unclaimed(BlobStore& store) : store_(store), is_there_(store.size(kName) >= 0) {
    if (!is_there_) return;
    const std::vector<std::uint8_t> bytes = store.get(kName);
    before_ = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
    if (!before_.is_object()) before_ = Json::object();
  }
  /// Seconds for which it has been so; from now on it is noted.
  double age_s(const std::string& uri) {
    const std::int64_t since = before_.value(uri, now_);
    after_[uri] = since;
    return static_cast<double>(now_ - since);
  }
  void begin(const std::string& uri) { after_[uri] = now_; }
  /// A run that is killed between the two steps makes what is noted wait anew.
  void save() const {
    if (is_there_) store_.remove(kName);
    const std::string text = after_.dump() + "\n";
    if (!after_.empty())
      store_.put_if_absent(kName,
                           {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }

 private:
  static constexpr const char* kName = "running/unclaimed.json";
  BlobStore& store_;
  bool is_there_;
  std::int64_t now_ = std::time(nullptr);
  Json before_ = Json::object(), after_ = Json::object();
};

class Collector {
 public:
  Collector(BlobStore& store,
            const Catalog& catalog,
            const GarbageOptions& options,
            Progress& progress)
      : store_(store), catalog_(catalog), options_(options), progress_(progress) {}

  Garbage find(const Names& of_datasets) {
    const std::set<std::string> known = texts(catalog_, "SELECT DISTINCT ingest_id FROM tiles"),
                                standing =
                                    texts(catalog_, "SELECT DISTINCT ingest_id FROM examples");
    StoreListing listing = list_store(store_);
    Names kept = of_datasets, of_garbage;
    std::set<std::string> told;
    progress_.begin("gc", std::ssize(listing.manifests), "manifests");
    std::int64_t done = 0;
    for (const std::string& name : listing.manifests) {
      const IngestManifest manifest =
          manifest_from_bytes(store_.address_of(name), store_.get(name));
      const std::string& id = manifest.ingest_id;
      told.insert(id);
      const bool is_kept =
          !known.count(id) || standing.count(id) ||
          std::any_of(manifest.rows.begin(), manifest.rows.end(), [&](const TileRow& row) {
            return of_datasets.count(row.uri) > 0;
          });
      for (const TileRow& row : manifest.rows) (is_kept ? kept : of_garbage).insert(row.uri);
      garbage_.ingests_kept += is_kept;
      if (!is_kept) {
        garbage_.ingests.push_back(id);
        garbage_.manifests.push_back(name);
      }
      progress_.update(++done);
    }
    progress_.end();
    keep_rows_without_manifest(known, told, kept);
    divide(listing, kept, of_garbage);
    return std::move(garbage_);
  }

  void remove(Rearrangement& rows, Garbage& garbage) const {
    garbage.parts_deleted = rows.drop(garbage.ingests);
    for (const std::string& name : garbage.manifests) store_.remove(name);
    const auto start = std::chrono::steady_clock::now();
    // A mark ages, and an ingest that finds it too old would begin.
    const auto limit = std::chrono::duration<double>(kMarkHours * 3600 / 2);
    for (const std::string& name : garbage.examples) {
      require(std::chrono::steady_clock::now() - start < limit && !interrupted(),
              "stopped before all was removed; run it again to go on");
      store_.remove(name);
    }
    garbage.is_removed = true;
  }

 private:
  void keep_rows_without_manifest(const std::set<std::string>& known,
                                  const std::set<std::string>& told,
                                  Names& kept) const {
    if (std::includes(told.begin(), told.end(), known.begin(), known.end())) return;
    const ResultTable rows =
        catalog_.query("SELECT DISTINCT ingest_id, uri FROM tiles", {.timeout_s = 0});
    for (const auto& row : rows.rows)
      if (!told.count(to_text(row[0]))) kept.insert(to_text(row[1]));
  }

  void divide(const StoreListing& listing, const Names& kept, const Names& of_garbage) {
    Unclaimed unclaimed(store_);
    for (const auto& [uri, bytes] : listing.examples) {
      if (kept.count(uri)) {
        ++garbage_.examples_kept;
      } else if (is_waiting(uri, of_garbage, unclaimed)) {
        ++garbage_.examples_waiting;
      } else {
        garbage_.examples.push_back(uri);
        garbage_.example_bytes += bytes;
      }
    }
    std::sort(garbage_.examples.begin(), garbage_.examples.end());
    unclaimed.save();
  }

  /// The time of what an ingest leaves now begins now: a dataset that is being made may have read
  /// its rows already.
  bool is_waiting(const std::string& uri, const Names& of_garbage, Unclaimed& unclaimed) const {
    if (!of_garbage.count(uri)) return unclaimed.age_s(uri) < options_.grace_hours * 3600;
    if (options_.remove) unclaimed.begin(uri);
    return options_.grace_hours > 0;
  }

  BlobStore& store_;
  const Catalog& catalog_;
  const GarbageOptions& options_;
  Progress& progress_;
  Garbage garbage_;
};

}  // namespace

Garbage collect_garbage(BlobStore& store,
                        const Catalog& catalog,
                        const fs::path& datasets_folder,
                        const std::vector<std::string>& datasets_of_runs,
                        const GarbageOptions& options,
                        Progress& progress) {
  require(options.grace_hours >= 0, "grace-hours must not be negative");
  const std::unique_ptr<Rearrangement> rows = catalog.engine().rearrange();
  require_no_collector(store);
  std::optional<RunningMark> mark;
  if (options.remove) {
    mark.emplace(store, "gc");
    const std::vector<std::string> running = running_in(store, "ingest-");
    if (!running.empty())
      throw Error(Fault::Conflict,
                  store.address_of(running.front()) +
                      ": an ingest is at work; wait until it has ended (a mark that a killed "
                      "ingest left goes when that ingest is run again, or after a day)");
  }
  Collector collector(store, catalog, options, progress);
  Garbage garbage = collector.find(
      tiles_of_datasets(datasets_folder, datasets_of_runs, options.ignore_missing_datasets));
  if (options.remove) collector.remove(*rows, garbage);
  return garbage;
}

}  // namespace canopy
