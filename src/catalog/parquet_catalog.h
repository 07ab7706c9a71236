// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "catalog/catalog_engine.h"

// The embedded catalog: a folder of immutable Parquet parts with DuckDB as the engine over them.
//
//   tiles/<ingest>.parquet   one part per ingest, sorted by tile_id, appears whole by one rename;
//                            the same rows give the same bytes
//   scores/<run>.parquet     one part per training run that scored tiles
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
  std::vector<CatalogPart> parts() const override;
  std::vector<CatalogPart> score_parts() const override;
  ResultTable query(const std::string& sql, const QueryLimits& limits) const override;
  const std::filesystem::path& folder() const override { return folder_; }
  std::unique_ptr<SnapshotSource> hold(const SnapshotOptions& options,
                                       const SnapshotPlace& place) const override;

 private:
  std::filesystem::path folder_;
};

}  // namespace canopy
