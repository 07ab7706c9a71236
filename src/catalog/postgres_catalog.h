// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "catalog/catalog_engine.h"

namespace canopy {

/// The catalog as tables of a PostgreSQL database (catalog/postgres_tables.h).
///
/// An ingest is one transaction (catalog/postgres_ingest.h).
///
/// A query has a connection of its own, a transaction that sees one moment, may only read and is
/// never committed, and the limits: `timeout-s` stops it, here and at the server; `max-rows` ends
/// the reading, for rows arrive one by one; `memory-mb` is PostgreSQL's work_mem, what one sort or
/// hash may take before it goes to the server's disk; `threads` are the server's workers for it.
class PostgresCatalog : public CatalogEngine {
 public:
  /// Makes the tables where they are missing.
  explicit PostgresCatalog(std::string url);

  bool commit_part(const std::string& ingest_id, const Catalog::RowSource& next) override;
  bool has_part(const std::string& ingest_id) const override;
  std::int64_t record_scores(const ScoreFile& scores) override;
  ResultTable query(const std::string& sql, const QueryLimits& limits) const override;
  /// Throws User: there is none.
  const std::filesystem::path& folder() const override;
  std::unique_ptr<SnapshotSource> hold(const SnapshotOptions& options,
                                       const SnapshotPlace& place) const override;
  std::unique_ptr<Rearrangement> rearrange() const override;

 private:
  std::string url_;
};

}  // namespace canopy
