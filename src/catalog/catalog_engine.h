// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catalog/catalog.h"
#include "catalog/rearrangement.h"
#include "catalog/snapshot.h"

// What stands behind a Catalog: who keeps the rows, and who answers.
//
//              keeps rows as            answers a query by     writes a dataset by
//   parquet    one part per ingest      DuckDB over the parts  DuckDB, in one COPY
//   postgres   rows of a table `tiles`  the server, read-only  DuckDB, as the server's rows arrive
//   redshift   rows of a table `tiles`  the cluster            the cluster's own UNLOAD
//
// All of them promise the same, and one suite of tests holds them to it (catalog_contract.h,
// catalog_score_contract.h, catalog_snapshot_contract.h, the cases of sql/):
//
//  - an ingest is there whole or not at all, and committing it again changes nothing;
//  - `tiles`, `examples` and `scores` mean the same and have the same columns, so that SQL which
//    both engines understand gives the same rows. Where they differ, docs/postgres.md says what to
//    write instead;
//  - a query only reads: no rows, no files, no settings; it ends at its limits; a message points at
//    the place in its text;
//  - the same rows give the same snapshot, to the byte, whichever engine gave them: what is not the
//    query's own (the split, the weight, order, types, the file) is made by DuckDB in every case
//    but Redshift's, where the cluster writes the files.
//
// An engine may be asked from many threads.

namespace canopy {

/// Where the making of a dataset writes.
struct SnapshotPlace {
  std::filesystem::path spill;     ///< what is larger than memory may go there
  std::filesystem::path datasets;  ///< queries may read those of this folder
  /// Gives the path of the next file that becomes a part of the dataset.
  std::function<std::filesystem::path()> new_file;
};

/// The rows of one moment, held for the making of one dataset. For one thread, but for `parts`.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;

  /// `name` and `version` of the engine.
  virtual nlohmann::ordered_json engine() const = 0;
  /// Columns of the user's query. Throws User with the engine's words and the place in the text.
  virtual std::vector<ResultTable::Column> check_select(const std::string& query) = 0;
  /// Writes the dataset that `query`, which has these columns, makes, as Parquet: identity, split
  /// and weight first, in the order of tile_id. Returns the statement that ran.
  virtual std::string write(const std::string& query,
                            const std::vector<ResultTable::Column>& columns) = 0;
  /// Where each of the files was fetched from; empty where they were made here.
  virtual std::vector<std::string> origins() const { return {}; }
  /// What was asked, for the manifest: `uri`, size and `sha256` of each part of the catalog. May be
  /// called while `write` runs.
  virtual nlohmann::ordered_json parts() const = 0;
  /// `<name>-<id>` of each dataset that the query may have read.
  virtual std::vector<std::string> from_datasets() const { return {}; }
  /// Whether the rows held are all there still: files of a catalog may be merged meanwhile.
  virtual bool is_whole() const { return true; }
  /// Rows of `tiles`.
  virtual std::int64_t row_count() = 0;
};

/// See Catalog for what each function promises.
class CatalogEngine {
 public:
  virtual ~CatalogEngine() = default;

  virtual bool commit_part(const std::string& ingest_id, const Catalog::RowSource& next) = 0;
  virtual bool has_part(const std::string& ingest_id) const = 0;
  virtual std::int64_t record_scores(const ScoreFile& scores) = 0;
  virtual std::vector<CatalogPart> parts() const { return {}; }
  virtual std::vector<CatalogPart> parts_on_disk() const { return {}; }
  virtual std::vector<CatalogPart> score_parts() const { return {}; }
  virtual void see_datasets(const std::filesystem::path&) {}
  virtual ResultTable query(const std::string& sql, const QueryLimits& limits) const = 0;
  virtual const std::filesystem::path& folder() const = 0;
  /// Whether the rows are files below `folder`.
  virtual bool has_files() const { return false; }

  /// Holds the rows of this moment, for a dataset under `options`, which outlive what is returned.
  virtual std::unique_ptr<SnapshotSource> hold(const SnapshotOptions& options,
                                               const SnapshotPlace& place) const = 0;

  /// Holds the catalog for `catalog rebuild` and `catalog gc`. Throws Conflict when another process
  /// has it.
  virtual std::unique_ptr<Rearrangement> rearrange() const = 0;
};

/// Throws User unless the id of an ingest or a run can name a part: letters, digits, '-', '_' and
/// '.'.
void require_part_name(const std::string& ingest_id);
/// Throws User unless the row is complete and of this ingest.
void require_row_of(const std::string& ingest_id, const TileRow& row);
/// The options of COPY for every Parquet file that we write, but for its metadata.
const char* parquet_format();

}  // namespace canopy
