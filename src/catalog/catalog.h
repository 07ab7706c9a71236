// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "catalog/result_table.h"
#include "catalog/tile_row.h"

// The table of all tiles, as a folder of immutable Parquet parts with DuckDB as the engine over
// them:
//
//   tiles/<ingest>.parquet   one part per ingest, sorted by tile_id, appears whole by one rename
//   tiles/compacted+<id12>.parquet   rows of parts that it replaces (catalog/compaction.h)
//   scores/<run>.parquet     one part per training run that scored tiles
//
// There is no database file, so nothing to lock, tear or lose, and many processes ingest and ask at
// once. Each question opens its own engine in memory over the parts that are there at that moment.
// SQL sees three views:
//
//   tiles      every row of every part, with the columns of catalog/tile_columns.h
//   examples   of each tile_key the row with the latest label revision (then the latest ingest),
//              and the columns of its newest score (scored_at, then run_id, then step); NULL where
//              no run has scored it
//   scores     every score of every run
//
// and, as datasets.NAME, the datasets that were made of it (see_datasets).
//
// A Catalog holds no open file and may be used from many threads.

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

class Catalog {
 public:
  /// A catalog in a folder, which is made when missing. Throws User for an address of another kind.
  static Catalog open(const std::string& url);

  const std::filesystem::path& folder() const { return folder_; }
  /// From now on queries can read the datasets of this folder (catalog/dataset_views.h).
  void see_datasets(std::filesystem::path folder) { datasets_ = std::move(folder); }

  /// Gives the next row of a part into its argument; false when there are no more. The row comes in
  /// cleared.
  using RowSource = std::function<bool(TileRow&)>;

  /// Writes tiles/<ingest_id>.parquet: these rows, in the order of tile_id; the same rows give the
  /// same bytes. Durable on return. Returns false, and leaves the part as it is, when it is there
  /// already with the same rows (but for `ingested_at`), so an ingest that was killed may simply
  /// commit again; the rows may stand in a merged part by now. Throws Conflict when it holds other
  /// rows, and User when there are no rows, an id is no file name, or a row lacks its identity or
  /// repeats a tile_id.
  bool commit_part(const std::string& ingest_id, std::span<const TileRow> rows);
  bool commit_part(const std::string& ingest_id, const RowSource& next);
  bool has_part(const std::string& ingest_id) const;

  /// The parts of `tiles` that count, in the order of names: those that no merged part replaces.
  /// Temporaries of running or killed writers are no parts. Throws User, naming the file, when
  /// something lies there that is not a Parquet part of ours or was cut short.
  std::vector<CatalogPart> parts() const;
  /// Those included that were replaced and not yet deleted.
  std::vector<CatalogPart> parts_on_disk() const;
  std::vector<CatalogPart> score_parts() const;

  /// Rows of `tiles`.
  std::int64_t row_count() const;

  /// The answer to one SELECT. The engine can neither write nor reach any file but the parts, load
  /// nothing, and change no setting. Throws User with the engine's words (candidates, place in the
  /// text) or at the time limit, Environment when a part cannot be read or memory-mb is too little.
  ResultTable query(const std::string& sql, const QueryLimits& limits = {}) const;

  /// Rows of `tiles`, in the order of tile_id, as structs again; `where` is SQL, empty: all.
  std::vector<TileRow> read_rows(const std::string& where = "") const;

 private:
  explicit Catalog(std::filesystem::path folder);
  /// The part that holds the rows of an ingest: its own, or the merged one that replaced that.
  std::optional<CatalogPart> find_part(const std::string& ingest_id) const;
  ResultTable query_parts(const std::vector<CatalogPart>& asked,
                          const std::string& sql,
                          const QueryLimits& limits) const;
  std::filesystem::path folder_, datasets_;
};

}  // namespace canopy
