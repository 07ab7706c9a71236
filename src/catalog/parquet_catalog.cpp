// SPDX-License-Identifier: Apache-2.0
#include "catalog/parquet_catalog.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "base/atomic_file.h"
#include "base/error.h"
#include "catalog/catalog_views.h"
#include "catalog/dataset_views.h"
#include "catalog/duckdb_session.h"
#include "catalog/merged_parts.h"
#include "catalog/parquet_rearrangement.h"
#include "catalog/parquet_source.h"
#include "catalog/score_part.h"
#include "catalog/tile_columns.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// Rows of a part beyond this go to disk while they are put in order: about a million tiles.
constexpr std::int64_t kWriterMemoryMb = 2048;

/// Throws User unless the file begins and ends as Parquet does, with a footer that fits into it.
void require_parquet(const fs::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw Error(Fault::Environment, path.string() + ": cannot be read");
  const std::int64_t size = file.tellg();
  std::array<char, 4> head{};
  std::array<unsigned char, 8> tail{};
  bool good = size >= 12;
  if (good) {
    file.seekg(0).read(head.data(), head.size());
    file.seekg(size - 8).read(reinterpret_cast<char*>(tail.data()), tail.size());
    const std::int64_t footer =
        tail[0] | tail[1] << 8 | tail[2] << 16 | std::int64_t{tail[3]} << 24;
    good = file && std::string_view(head.data(), 4) == "PAR1" && footer <= size - 12 &&
           std::equal(tail.begin() + 4, tail.end(), "PAR1");
  }
  require(good, [&] {
    return path.string() +
           ": is no Parquet part, or was cut short; move it out of the catalog and ingest anew";
  });
}

std::vector<CatalogPart> list_parts(const fs::path& folder, const std::string& kind) {
  std::vector<CatalogPart> parts;
  if (!fs::is_directory(folder / kind)) return parts;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / kind)) {
    const std::string name = entry.path().filename().string();
    if (name.front() == '.' || is_temporary(entry.path())) continue;
    if (!fs::exists(entry.path())) throw PartIsGone{};
    require(entry.is_regular_file() && entry.path().extension() == ".parquet", [&] {
      return entry.path().string() +
             ": only Parquet parts may lie here; move it out of the catalog";
    });
    require_parquet(entry.path());
    parts.push_back(
        {kind + "/" + name, entry.path(), static_cast<std::int64_t>(entry.file_size())});
  }
  std::sort(
      parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return parts;
}

/// `look` once more when it met a file that was deleted under its eyes. Parts are deleted long
/// after what replaces them came, so that once is nearly always enough.
template <class Look>
auto looking_again(const Look& look) {
  for (int attempt = 1;; ++attempt) {
    try {
      return look();
    } catch (const PartIsGone&) {
      check(attempt < 100, "the parts of a catalog can be listed");
    }
  }
}

std::vector<fs::path> paths_of(const std::vector<CatalogPart>& parts) {
  std::vector<fs::path> paths;
  for (const CatalogPart& part : parts) paths.push_back(part.path);
  return paths;
}

/// Fills the table `part` of the session; returns the number of rows.
std::int64_t fill_part(DuckdbSession& session,
                       const std::string& ingest_id,
                       const Catalog::RowSource& next) {
  session.execute("CREATE TABLE part (" + tile_table_columns() + ")");
  DuckdbSession::Appender appender(session, "part");
  std::int64_t rows = 0;
  for (TileRow row; next(row); row = TileRow(), ++rows) {
    require_row_of(ingest_id, row);
    for (const TileColumn& column : tile_columns()) appender.append(column.get(row));
    appender.end_row();
  }
  appender.close();
  require(rows > 0,
          [&] { return "ingest '" + ingest_id + "' has no tiles; a part needs at least one"; });
  const ResultTable twice = session.query(
      "SELECT tile_id FROM part GROUP BY tile_id HAVING count(*) > 1 ORDER BY tile_id LIMIT 1");
  require(twice.rows.empty(), [&] {
    return "ingest '" + ingest_id + "' holds tile " + to_text(twice.rows[0][0]) +
           " twice; commit each tile once";
  });
  return rows;
}

/// Throws Conflict unless the part on disk holds the rows of the table `part`, whenever they were
/// ingested.
void require_same_rows(DuckdbSession& session, const std::string& ingest_id, const fs::path& path) {
  session.execute(
      "CREATE VIEW there AS SELECT * FROM part WHERE false UNION ALL BY NAME SELECT * FROM "
      "read_parquet(" +
      sql_list({path}) + ") WHERE ingest_id = " + sql_text(ingest_id));
  const std::string ours = "SELECT * EXCLUDE (ingested_at) FROM part";
  const std::string theirs = "SELECT * EXCLUDE (ingested_at) FROM there";
  const ResultTable differing =
      session.query("SELECT count(*) FROM ((" + ours + " EXCEPT " + theirs + ") UNION ALL (" +
                    theirs + " EXCEPT " + ours + "))");
  const auto count = std::get<std::int64_t>(differing.rows[0][0]);
  if (count != 0)
    throw Error(Fault::Conflict,
                path.string() + ": holds other rows already (" + std::to_string(count) +
                    " differ); ingest under another id");
}

}  // namespace

ParquetCatalog::ParquetCatalog(const std::string& folder) {
  require(folder.find_first_of("*?[") == std::string::npos, [&] {
    return "catalog '" + folder +
           "': the characters * ? [ mean patterns to the engine; rename the folder";
  });
  std::error_code code;
  fs::create_directories(fs::path(folder) / "tiles", code);
  if (code) throw Error(Fault::Environment, folder + ": " + code.message());
  folder_ = fs::canonical(folder);
}

bool ParquetCatalog::commit_part(const std::string& ingest_id, const Catalog::RowSource& next) {
  const fs::path target = folder_ / "tiles" / (ingest_id + ".parquet");
  // A temporary by name, so that what a killed writer leaves is swept with the others.
  const AtomicFile spill(folder_ / "spill");
  DuckdbSession session(
      {.threads = 0, .memory_mb = kWriterMemoryMb, .timeout_s = 0, .spill_folder = spill.path()});
  const std::int64_t rows = fill_part(session, ingest_id, next);
  if (const auto there = find_part(ingest_id)) {
    require_same_rows(session, ingest_id, there->path);
    return false;
  }
  AtomicFile file(target);
  session.execute("COPY (SELECT * FROM part ORDER BY tile_id) TO " +
                  sql_text(file.path().string()) + " (" + parquet_format() +
                  ", KV_METADATA {canopy_part_schema: '" + std::to_string(kPartSchema) + "'})");
  const ResultTable written =
      session.query("SELECT count(*) FROM read_parquet(" + sql_list({file.path()}) + ")");
  check(std::get<std::int64_t>(written.rows[0][0]) == rows,
        "a part reads back with as many rows as were written");
  const bool ours = file.commit(AtomicFile::Existing::Keep);
  if (!ours) require_same_rows(session, ingest_id, target);
  return ours;
}

bool ParquetCatalog::has_part(const std::string& ingest_id) const {
  return find_part(ingest_id).has_value();
}

std::int64_t ParquetCatalog::record_scores(const ScoreFile& scores) {
  return write_score_part(
      scores, paths_of(parts()), folder_ / "scores" / (scores.run_id + ".parquet"));
}

std::optional<CatalogPart> ParquetCatalog::find_part(const std::string& ingest_id) const {
  const std::string name = "tiles/" + ingest_id + ".parquet";
  // First the file, then what may have replaced it: a replaced part goes after its replacement
  // came.
  if (fs::exists(folder_ / name)) {
    require_parquet(folder_ / name);
    return CatalogPart{
        name, folder_ / name, static_cast<std::int64_t>(fs::file_size(folder_ / name))};
  }
  return looking_again([&] { return merged_part_of(list_parts(folder_, "tiles"), name); });
}

std::vector<CatalogPart> ParquetCatalog::parts() const {
  return looking_again([&] { return by_standing(list_parts(folder_, "tiles")).standing; });
}

std::vector<CatalogPart> ParquetCatalog::parts_on_disk() const {
  return looking_again([&] { return list_parts(folder_, "tiles"); });
}

std::vector<CatalogPart> ParquetCatalog::score_parts() const {
  return list_parts(folder_, "scores");
}

ResultTable ParquetCatalog::query(const std::string& sql, const QueryLimits& limits) const {
  for (int attempt = 1;; ++attempt) {
    const std::vector<CatalogPart> asked = parts();
    try {
      return query_parts(asked, sql, limits);
    } catch (const Error&) {
      const bool is_whole = std::all_of(asked.begin(), asked.end(), [](const CatalogPart& part) {
        return fs::exists(part.path);
      });
      if (is_whole || attempt == 5) throw;
    }
  }
}

ResultTable ParquetCatalog::query_parts(const std::vector<CatalogPart>& asked,
                                        const std::string& sql,
                                        const QueryLimits& limits) const {
  DuckdbSession session({.threads = limits.threads,
                         .memory_mb = limits.memory_mb,
                         .timeout_s = limits.timeout_s,
                         .spill_folder = {}});
  std::vector<fs::path> files = paths_of(asked);
  const std::vector<fs::path> scores = paths_of(score_parts());
  make_views(session, files, scores);
  files.insert(files.end(), scores.begin(), scores.end());
  for (const Snapshot& snapshot : make_dataset_views(session, sql, datasets_)) {
    const std::vector<fs::path> more = snapshot.parts();
    files.insert(files.end(), more.begin(), more.end());
  }
  session.lock_down(files);
  return session.query(sql, limits.max_rows);
}

std::unique_ptr<Rearrangement> ParquetCatalog::rearrange() const {
  return std::make_unique<ParquetRearrangement>(folder_);
}

std::unique_ptr<SnapshotSource> ParquetCatalog::hold(const SnapshotOptions& options,
                                                     const SnapshotPlace& place) const {
  return std::make_unique<ParquetSource>(parts(), score_parts(), options, place);
}

}  // namespace canopy
