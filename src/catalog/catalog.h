// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "catalog/result_table.h"
#include "catalog/tile_row.h"

// The table of all tiles, and the questions to it. Who holds the rows and answers is an engine
// (catalog/catalog_engine.h), chosen by the address: DuckDB over a folder of Parquet parts
// (catalog/parquet_catalog.h), PostgreSQL (catalog/postgres_catalog.h) or Redshift
// (catalog/redshift_catalog.h). SQL sees three tables:
//
//   tiles      every row of every ingest, with the columns of catalog/tile_columns.h
//   examples   of each tile_key the row with the latest label revision (then the latest ingest),
//              and the columns of its newest score (scored_at, then run_id, then step); NULL where
//              no run has scored it
//   scores     every score of every run
//
// and, where DuckDB is the engine, as datasets.NAME the datasets that were made of it
// (see_datasets).
//
// A Catalog holds no open file or connection and may be used from many threads. Copies share the
// engine.

namespace canopy {

/// What one question may take.
struct QueryLimits {
  int threads = 0;
  std::int64_t memory_mb = 0;
  double timeout_s = 120;
  std::int64_t max_rows = 0;

  template <class Fields>
  void describe(Fields& field) {
    field("threads", threads, "Threads of the engine; 0: all cores.");
    field("memory-mb",
          memory_mb,
          "Memory of the engine; 0: as much as it wants, up to 80 % of the machine.");
    field("timeout-s", timeout_s, "Seconds after which the query is stopped; 0: never.");
    field("max-rows", max_rows, "Rows that are returned at most; 0: all.");
  }
  /// Throws User when a number is negative.
  void validate() const;
};

/// One file of the catalog.
struct CatalogPart {
  std::string name;  ///< relative to the catalog: "tiles/<ingest>.parquet"
  std::filesystem::path path;
  std::int64_t bytes = 0;
};

class CatalogEngine;
struct ScoreFile;

class Catalog {
 public:
  /// The path of a folder, or the address of a database (postgres://..., redshift://...); what is
  /// missing there is made. Throws User for an address of another kind.
  static Catalog open(const std::string& url);

  const CatalogEngine& engine() const { return *engine_; }
  /// Whether the rows are files, which may be lost or damaged one by one.
  bool has_files() const;
  /// Where the parts lie. Throws User when they are rows of a database.
  const std::filesystem::path& folder() const;
  /// From now on queries can read the datasets of this folder (catalog/dataset_views.h).
  void see_datasets(const std::filesystem::path& folder);

  /// Gives the next row of a part into its argument; false when there are no more. The row comes in
  /// cleared.
  using RowSource = std::function<bool(TileRow&)>;

  /// Enters the rows of one ingest, all or none. Durable on return. Returns false, and changes
  /// nothing, when they are there already (but for `ingested_at`), so an ingest that was killed may
  /// simply commit again; the rows may stand in a merged part by now. Throws Conflict when it holds
  /// other rows, and User when there are no rows, an id is no file name, or a row lacks its
  /// identity or repeats a tile_id.
  bool commit_part(const std::string& ingest_id, std::span<const TileRow> rows);
  bool commit_part(const std::string& ingest_id, const RowSource& next);
  bool has_part(const std::string& ingest_id) const;

  /// Enters the scores that a run has left as a file (catalog/score_part.h), unless those of this
  /// run are there already. Durable on return. Returns how many are there. Throws User for a
  /// file that holds anything else, and where the engine takes no rows from here.
  std::int64_t record_scores(const ScoreFile& scores);

  /// The files of `tiles` that count, and of `scores`, in the order of names; none where a database
  /// holds the rows. Of `tiles` those that no merged part replaces (catalog/compaction.h).
  /// Temporaries of running or killed writers are no parts. Throws User, naming the file, when
  /// something lies there that is not a Parquet part of ours or was cut short.
  std::vector<CatalogPart> parts() const;
  /// Those included that were replaced and not yet deleted.
  std::vector<CatalogPart> parts_on_disk() const;
  std::vector<CatalogPart> score_parts() const;

  /// Rows of `tiles`.
  std::int64_t row_count() const;

  /// The answer to one SELECT, which can neither write nor reach any file. Throws User with the
  /// engine's words (candidates, place in the text) or at the time limit, Environment when rows
  /// cannot be read or memory-mb is too little.
  ResultTable query(const std::string& sql, const QueryLimits& limits = {}) const;

  /// Rows of `tiles`, in the order of tile_id, as structs again; `where` is SQL, empty: all.
  std::vector<TileRow> read_rows(const std::string& where = "") const;

 private:
  explicit Catalog(std::shared_ptr<CatalogEngine> engine) : engine_(std::move(engine)) {}
  std::shared_ptr<CatalogEngine> engine_;
};

}  // namespace canopy
