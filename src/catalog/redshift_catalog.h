// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "catalog/catalog_engine.h"
#include "catalog/postgres_session.h"
#include "catalog/redshift_unload.h"

// A catalog whose table `tiles` and view `examples` stand in a Redshift cluster. Whoever keeps the
// cluster loads them, by its own COPY from Parquet parts (docs/postgres.md): nothing is ingested
// from here. Queries read; a dataset is made by the cluster's own UNLOAD:
//
//  1. the dataset's whole statement, splits and weights included, runs on the cluster, which writes
//     Parquet files under a fresh prefix in S3;
//  2. the files are fetched through the blob store and become the dataset's parts, each with its
//     SHA-256, and the manifest says where each came from. The files in S3 stay.
//
// Nothing here has been run on a real Redshift. What speaks to the cluster is the simple protocol
// with plain statements, as its documentation has them.

namespace canopy {

class RedshiftCatalog : public CatalogEngine {
 public:
  explicit RedshiftCatalog(const std::string& url) : address_(redshift_address(url)) {}

  /// Throws User: rows enter by the cluster's own COPY.
  bool commit_part(const std::string& ingest_id, const Catalog::RowSource& next) override;
  bool has_part(const std::string& ingest_id) const override;
  /// Throws User: so do scores.
  std::int64_t record_scores(const ScoreFile& scores) override;
  ResultTable query(const std::string& sql, const QueryLimits& limits) const override;
  /// Throws User: there is none.
  const std::filesystem::path& folder() const override;
  std::unique_ptr<SnapshotSource> hold(const SnapshotOptions& options,
                                       const SnapshotPlace& place) const override;
  /// Throws User: the cluster's own statements do that.
  std::unique_ptr<Rearrangement> rearrange() const override;

 private:
  RedshiftAddress address_;
};

class RedshiftSource : public SnapshotSource {
 public:
  RedshiftSource(const RedshiftAddress& address,
                 const SnapshotOptions& options,
                 const SnapshotPlace& place);

  nlohmann::ordered_json engine() const override;
  std::vector<ResultTable::Column> check_select(const std::string& query) override;
  std::string write(const std::string& query,
                    const std::vector<ResultTable::Column>& columns) override;
  std::vector<std::string> origins() const override { return origins_; }
  /// Of each ingest: `uri` and `rows`.
  nlohmann::ordered_json parts() const override { return parts_; }
  std::int64_t row_count() override;

 private:
  const SnapshotOptions& options_;
  RedshiftAddress address_;
  SnapshotPlace place_;
  PostgresSession session_;
  std::string version_;
  std::vector<std::string> origins_;
  nlohmann::ordered_json parts_ = nlohmann::ordered_json::array();
};

}  // namespace canopy
