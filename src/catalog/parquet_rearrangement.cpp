// SPDX-License-Identifier: Apache-2.0
#include "catalog/parquet_rearrangement.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "catalog/ingest_rows.h"
#include "catalog/merged_parts.h"

namespace canopy {

namespace fs = std::filesystem;

ParquetRearrangement::ParquetRearrangement(const fs::path& folder)
    : catalog_(Catalog::open(folder.string())), lock_(folder), staging_(folder / "rebuild") {}

ParquetRearrangement::~ParquetRearrangement() = default;

void ParquetRearrangement::replace(const std::string& ingest_id, std::span<const TileRow> rows) {
  if (!staged_) staged_ = Catalog::open(staging_.path().string());
  staged_->commit_part(ingest_id, rows);
  ids_.insert(ingest_id);
}

Rearranged ParquetRearrangement::finish() {
  put_in_place();
  keep_the_rest();
  drop_merged();
  return std::move(done_);
}

void ParquetRearrangement::put_in_place() {
  for (const std::string& id : ids_) {
    const fs::path from = staging_.path() / "tiles" / (id + ".parquet");
    const fs::path to = tiles() / (id + ".parquet");
    if (fs::exists(to) && fs::file_size(to) == fs::file_size(from) &&
        sha256_of_file(to) == sha256_of_file(from))
      continue;
    AtomicFile part(to);
    fs::rename(from, part.path());
    part.commit();
    ++done_.changed;
  }
}

void ParquetRearrangement::keep_the_rest() {
  for (const fs::directory_entry& entry : fs::directory_iterator(tiles())) {
    const std::string file = entry.path().filename().string();
    if (is_temporary(entry.path()) || entry.path().extension() != ".parquet") continue;
    const CatalogPart part{"tiles/" + file, entry.path(), 0};
    const std::string id = entry.path().stem().string();
    if (is_merged(part.name))
      merged_.push_back(part);
    else if (!ids_.count(id))
      done_.kept.emplace_back(entry.path().string(), id);
  }
  for (const CatalogPart& part : merged_) {
    try {
      for (const std::string& id : extract_ingests(catalog_, part, ids_)) {
        ids_.insert(id);
        done_.kept.emplace_back((tiles() / (id + ".parquet")).string(), id);
      }
      lists_[part.name] = replaced_by(part);
    } catch (const Error& error) {
      if (error.fault() == Fault::Bug) throw;
      done_.damaged.push_back(part.path.string() + ": cannot be read (" + error.what() +
                              "); it lies in " + (catalog_.folder() / "damaged").string() + " now");
      damaged_.insert(part.name);
    }
  }
}

/// Merged parts that are replaced go first: without the one that hides them they would count.
void ParquetRearrangement::drop_merged() {
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

std::vector<std::string> ParquetRearrangement::drop(const std::vector<std::string>& ingests) {
  drop_ingests(catalog_, ingests);
  CompactReport report;
  delete_replaced(catalog_, CompactOptions{}.grace_s, report);
  return report.deleted;
}

}  // namespace canopy
