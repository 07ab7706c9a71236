// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog_engine.h"

// The embedded catalog: a folder of immutable Parquet parts with DuckDB as the engine over them.
//
//   tiles/<ingest>.parquet           one part per ingest, sorted by tile_id, appears whole by one
//                                    rename; the same rows give the same bytes
//   tiles/compacted+<id12>.parquet   rows of parts that it replaces (catalog/compaction.h)
//   scores/<run>.parquet             one part per training run that scored tiles
//
// There is no database file, so nothing to lock, tear or lose, and many processes ingest and ask at
// once. Each question opens its own engine in memory over the parts that are there at that moment,
// locked down to them: it can reach no other file, load nothing, and change no setting.

namespace canopy {

class ParquetCatalog : public CatalogEngine {
 public:
  /// Makes the folder when it is missing.
  explicit ParquetCatalog(const std::string& folder);

  bool commit_part(const std::string& ingest_id, const Catalog::RowSource& next) override;
  bool has_part(const std::string& ingest_id) const override;
  std::int64_t record_scores(const ScoreFile& scores) override;
  std::vector<CatalogPart> parts() const override;
  std::vector<CatalogPart> parts_on_disk() const override;
  std::vector<CatalogPart> score_parts() const override;
  void see_datasets(const std::filesystem::path& folder) override { datasets_ = folder; }
  ResultTable query(const std::string& sql, const QueryLimits& limits) const override;
  const std::filesystem::path& folder() const override { return folder_; }
  bool has_files() const override { return true; }
  std::unique_ptr<SnapshotSource> hold(const SnapshotOptions& options,
                                       const SnapshotPlace& place) const override;
  std::unique_ptr<Rearrangement> rearrange() const override;

 private:
  /// The part that holds the rows of an ingest: its own, or the merged one that replaced that.
  std::optional<CatalogPart> find_part(const std::string& ingest_id) const;
  ResultTable query_parts(const std::vector<CatalogPart>& asked,
                          const std::string& sql,
                          const QueryLimits& limits) const;
  std::filesystem::path folder_, datasets_;
};

}  // namespace canopy
