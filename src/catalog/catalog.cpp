// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.h"

#include <algorithm>
#include <cctype>

#include "base/atomic_file.h"
#include "base/error.h"
#include "catalog/catalog_engine.h"
#include "catalog/parquet_catalog.h"
#include "catalog/postgres_address.h"
#include "catalog/postgres_catalog.h"
#include "catalog/redshift_catalog.h"
#include "catalog/score_part.h"
#include "catalog/tile_columns.h"

namespace canopy {

void require_part_name(const std::string& id) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  };
  require(
      !id.empty() && id.front() != '.' && id.size() <= 200 &&
          std::all_of(id.begin(), id.end(), plain) && !is_temporary(id + ".parquet"),
      [&] { return "the id '" + id + "' is no file name; use letters, digits, '-', '_' and '.'"; });
}

void require_row_of(const std::string& ingest_id, const TileRow& row) {
  require_complete(row);
  require(row.ingest_id == ingest_id, [&] {
    return "tile " + row.tile_id + " is of ingest '" + row.ingest_id + "', not of '" + ingest_id +
           "'";
  });
}

const char* parquet_format() {
  return "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880, "
         "USE_TMP_FILE false";
}

void QueryLimits::validate() const {
  require(threads >= 0, "threads must not be negative");
  require(memory_mb >= 0, "memory-mb must not be negative");
  require(timeout_s >= 0, "timeout-s must not be negative");
  require(max_rows >= 0, "max-rows must not be negative");
}

Catalog Catalog::open(const std::string& url) {
  if (is_postgres_url(url)) return Catalog(std::make_shared<PostgresCatalog>(url));
  if (is_redshift_url(url)) return Catalog(std::make_shared<RedshiftCatalog>(url));
  require(!url.empty() && url.find("://") == std::string::npos, [&] {
    return "catalog '" + without_password(url) +
           "': give the path of a folder, or postgres://user@host/database";
  });
  return Catalog(std::make_shared<ParquetCatalog>(url));
}

const std::filesystem::path& Catalog::folder() const { return engine_->folder(); }

bool Catalog::has_files() const { return engine_->has_files(); }

void Catalog::see_datasets(const std::filesystem::path& folder) { engine_->see_datasets(folder); }

bool Catalog::commit_part(const std::string& ingest_id, std::span<const TileRow> rows) {
  std::size_t at = 0;
  return commit_part(ingest_id, [&](TileRow& row) {
    if (at == rows.size()) return false;
    row = rows[at++];
    return true;
  });
}

bool Catalog::commit_part(const std::string& ingest_id, const RowSource& next) {
  require_part_name(ingest_id);
  return engine_->commit_part(ingest_id, next);
}

bool Catalog::has_part(const std::string& ingest_id) const {
  require_part_name(ingest_id);
  return engine_->has_part(ingest_id);
}

std::int64_t Catalog::record_scores(const ScoreFile& scores) {
  require_part_name(scores.run_id);
  return engine_->record_scores(scores);
}

std::vector<CatalogPart> Catalog::parts() const { return engine_->parts(); }
std::vector<CatalogPart> Catalog::parts_on_disk() const { return engine_->parts_on_disk(); }
std::vector<CatalogPart> Catalog::score_parts() const { return engine_->score_parts(); }

std::int64_t Catalog::row_count() const {
  return std::get<std::int64_t>(query("SELECT count(*) FROM tiles").rows[0][0]);
}

ResultTable Catalog::query(const std::string& sql, const QueryLimits& limits) const {
  limits.validate();
  return engine_->query(sql, limits);
}

std::vector<TileRow> Catalog::read_rows(const std::string& where) const {
  std::string sql = "SELECT ";
  for (const TileColumn& column : tile_columns()) sql += column.name + ", ";
  sql.resize(sql.size() - 2);
  sql += " FROM tiles WHERE (\n" + (where.empty() ? "true" : where) +
         "\n) ORDER BY tile_id, ingest_id";
  std::vector<TileRow> rows;
  for (const std::vector<Cell>& cells : query(sql).rows) {
    TileRow& row = rows.emplace_back();
    for (std::size_t i = 0; i < cells.size(); ++i) tile_columns()[i].set(row, cells[i]);
  }
  return rows;
}

}  // namespace canopy
