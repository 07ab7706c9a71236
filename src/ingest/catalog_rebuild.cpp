// SPDX-License-Identifier: Apache-2.0
#include "ingest/catalog_rebuild.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/threads.h"
#include "catalog/compaction.h"
#include "catalog/ingest_rows.h"
#include "catalog/merged_parts.h"
#include "ingest/manifest.h"
#include "ingest/store_listing.h"
#include "ingest/stored_tile.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// A folder that is gone in the end, whatever happens.
class StagingFolder {
 public:
  explicit StagingFolder(const fs::path& catalog) : name_(catalog / "rebuild") {}
  ~StagingFolder() {
    std::error_code ignored;
    fs::remove_all(name_.path(), ignored);
  }
  const fs::path& path() const { return name_.path(); }

 private:
  AtomicFile name_;  ///< for a name of its own that is swept when its process is gone
};

class Rebuild {
 public:
  Rebuild(const BlobStore& store,
          const Catalog& catalog,
          const RebuildOptions& options,
          Progress& progress)
      : store_(store),
        catalog_(catalog),
        options_(options),
        progress_(progress),
        lock_(catalog.folder()),
        staging_(catalog.folder()),
        staged_(Catalog::open(staging_.path().string())) {}

  RebuildReport run() {
    const StoreListing listing = list_store(store_);
    progress_.begin("rebuild", std::ssize(listing.manifests), "ingests");
    std::int64_t done = 0;
    for (const std::string& manifest : listing.manifests) {
      stage(manifest);
      progress_.update(++done);
      if (interrupted()) throw Error(Fault::Conflict, "stopped; the catalog is as it was");
    }
    progress_.end();
    for (const auto& [uri, bytes] : listing.examples)
      report_.examples_unclaimed += !claimed_.count(uri);
    put_in_place();
    keep_the_rest();
    drop_merged();
    return report_;
  }

 private:
  fs::path tiles() const { return catalog_.folder() / "tiles"; }

  /// The rows of a manifest whose example files are as they should be, as a part in the staging
  /// folder.
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
    staged_.commit_part(manifest.ingest_id, whole);
    ids_.insert(manifest.ingest_id);
    ++report_.ingests;
    report_.rows += std::ssize(whole);
  }

  void put_in_place() {
    for (const std::string& id : ids_) {
      const fs::path from = staging_.path() / "tiles" / (id + ".parquet");
      const fs::path to = tiles() / (id + ".parquet");
      if (fs::exists(to) && fs::file_size(to) == fs::file_size(from) &&
          sha256_of_file(to) == sha256_of_file(from))
        continue;
      AtomicFile part(to);
      fs::rename(from, part.path());
      part.commit();
      ++report_.parts_changed;
    }
  }

  /// Parts of ingests that no good manifest tells of.
  void keep_the_rest() {
    for (const fs::directory_entry& entry : fs::directory_iterator(tiles())) {
      const std::string file = entry.path().filename().string();
      if (is_temporary(entry.path()) || entry.path().extension() != ".parquet") continue;
      const CatalogPart part{"tiles/" + file, entry.path(), 0};
      if (is_merged(part.name)) {
        merged_.push_back(part);
      } else if (!ids_.count(entry.path().stem().string())) {
        ++report_.ingests_kept;
        report_.problems.add(entry.path().string() + kept_as_it_is(entry.path().stem().string()));
      }
    }
    for (const CatalogPart& part : merged_) {
      try {
        for (const std::string& id : extract_ingests(catalog_, part, ids_)) {
          ++report_.ingests_kept;
          ids_.insert(id);
          report_.problems.add((tiles() / (id + ".parquet")).string() + kept_as_it_is(id));
        }
        lists_[part.name] = replaced_by(part);
      } catch (const Error& error) {
        if (error.fault() == Fault::Bug) throw;
        report_.problems.add(part.path.string() + ": cannot be read (" + error.what() +
                             "); it lies in " + (catalog_.folder() / "damaged").string() + " now");
        damaged_.insert(part.name);
      }
    }
  }

  std::string kept_as_it_is(const std::string& id) const {
    return ": is kept as it was, for " + store_.address_of(manifest_path(id)) +
           " is missing, damaged or without any good example";
  }

  /// Merged parts that are replaced go first: without the one that hides them they would count.
  void drop_merged() {
    const auto hides = [&](const CatalogPart& part) { return lists_[part.name].size(); };
    std::sort(merged_.begin(), merged_.end(), [&](const auto& a, const auto& b) {
      return hides(a) < hides(b);
    });
    for (const CatalogPart& part : merged_) {
      if (damaged_.count(part.name)) {
        fs::create_directories(catalog_.folder() / "damaged");
        fs::rename(part.path, catalog_.folder() / "damaged" / part.path.filename());
      } else {
        fs::remove(part.path);
      }
      sync_folder(tiles());
    }
  }

  const BlobStore& store_;
  const Catalog& catalog_;
  const RebuildOptions& options_;
  Progress& progress_;
  CatalogLock lock_;
  StagingFolder staging_;
  Catalog staged_;
  std::set<std::string> ids_, claimed_, damaged_;
  std::vector<CatalogPart> merged_;
  std::map<std::string, std::vector<std::string>> lists_;  ///< what each merged part hides
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
