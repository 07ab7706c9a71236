// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_catalog.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "catalog/one_select.h"
#include "catalog/postgres_copy.h"
#include "catalog/postgres_session.h"
#include "catalog/postgres_source.h"
#include "catalog/postgres_tables.h"
#include "catalog/score_part.h"
#include "catalog/tile_columns.h"

namespace canopy {
namespace {

/// Bytes that are gathered before they are sent.
constexpr std::size_t kMessage = 1 << 16;

/// The rows of one ingest on their way.
class IngestRows {
 public:
  IngestRows(const std::string& ingest_id, const Catalog::RowSource& next)
      : ingest_id_(ingest_id), next_(next) {}

  /// Appends the next row to `out` as COPY takes it; false when there are no more.
  bool put(std::string& out) {
    TileRow row;
    if (!next_(row)) return false;
    require_row_of(ingest_id_, row);
    std::string hashed;
    copy_row(out, tile_columns().size());
    for (const TileColumn& column : tile_columns()) {
      const Cell cell = column.get(row);
      copy_cell(out, cell);
      // By name and only what is known, so that a column which is added later changes no hash.
      if (std::holds_alternative<std::monostate>(cell) || column.name == "ingested_at") continue;
      hashed += column.name;
      copy_cell(hashed, cell);
    }
    hashes_.push_back(sha256_hex(hashed));
    return true;
  }
  std::int64_t count() const { return std::ssize(hashes_); }
  void require_some() const {
    require(!hashes_.empty(),
            [&] { return "ingest '" + ingest_id_ + "' has no tiles; a part needs at least one"; });
  }
  std::string sha256() {
    std::sort(hashes_.begin(), hashes_.end());
    Sha256 all;
    for (const std::string& hash : hashes_) all.update(hash);
    return all.hex();
  }

 private:
  const std::string& ingest_id_;
  const Catalog::RowSource& next_;
  std::vector<std::string> hashes_;
};

void load(PostgresSession& session, IngestRows& rows) {
  std::string sql = "COPY tiles (";
  for (const TileColumn& column : tile_columns()) sql += column.name + ", ";
  sql.replace(sql.size() - 2, 2, ") FROM STDIN (FORMAT BINARY)");
  bool has_begun = false;
  session.copy_in(sql, [&](std::string& message) {
    if (!has_begun) copy_begin(message);
    has_begun = true;
    while (message.size() < kMessage)
      if (!rows.put(message)) {
        copy_end(message);
        return false;
      }
    return true;
  });
}

/// The server's words about a tile that came twice, in ours; any other failure as it is.
Error in_our_words(const std::string& ingest_id, const Error& error) {
  const std::string words = error.what(), key = "=(" + ingest_id + ", ";
  const std::size_t begin = words.find(key), end = words.find(") already exists", begin);
  if (begin == std::string::npos || end == std::string::npos) return error;
  return Error(Fault::User,
               "ingest '" + ingest_id + "' holds tile " +
                   words.substr(begin + key.size(), end - begin - key.size()) +
                   " twice; commit each tile once");
}

void require_same_rows(PostgresSession& session, const std::string& ingest_id, IngestRows& rows) {
  std::string ignored;
  while (rows.put(ignored)) ignored.clear();
  std::string sha256;
  std::int64_t tiles = 0, there = 0;
  session.run(
      "SELECT rows_sha256, tiles, (SELECT count(*) FROM tiles AS t WHERE t.ingest_id = $1) "
      "FROM ingests WHERE ingest_id = $1",
      {ingest_id},
      [&](const auto& row) {
        sha256 = row.text(0);
        tiles = row.whole(1);
        there = row.whole(2);
      });
  if (sha256 != rows.sha256())
    throw Error(Fault::Conflict,
                session.name() + ": ingest '" + ingest_id +
                    "' holds other rows already; ingest under another id");
  if (there != tiles)
    throw Error(Fault::Conflict,
                session.name() + ": ingest '" + ingest_id + "' had " + std::to_string(tiles) +
                    " rows and has " + std::to_string(there) +
                    " now; delete it from ingests and tiles, and ingest again");
}

}  // namespace

PostgresCatalog::PostgresCatalog(std::string url) : url_(std::move(url)) {
  PostgresSession session(url_);
  make_catalog_tables(session);
}

bool PostgresCatalog::commit_part(const std::string& ingest_id, const Catalog::RowSource& next) {
  PostgresSession session(url_);
  IngestRows rows(ingest_id, next);
  bool made = false;
  session.transaction("BEGIN", [&] {
    // Waits here for another that commits the same ingest.
    made = session.run(
               "INSERT INTO ingests (ingest_id, tiles, rows_sha256) VALUES ($1, 0, '') ON "
               "CONFLICT DO NOTHING",
               {ingest_id}) == 1;
    if (!made) return require_same_rows(session, ingest_id, rows);
    try {
      load(session, rows);
    } catch (const Error& error) {
      throw in_our_words(ingest_id, error);
    }
    rows.require_some();
    session.run("UPDATE ingests SET tiles = $2, rows_sha256 = $3 WHERE ingest_id = $1",
                {ingest_id, rows.count(), rows.sha256()});
  });
  return made;
}

bool PostgresCatalog::has_part(const std::string& ingest_id) const {
  bool found = false;
  PostgresSession(url_).run("SELECT 1 FROM ingests WHERE ingest_id = $1",
                            {ingest_id},
                            [&](const auto&) { found = true; });
  return found;
}

std::int64_t PostgresCatalog::record_scores(const ScoreFile& scores) {
  PostgresSession session(url_);
  return copy_scores(scores, session);
}

const std::filesystem::path& PostgresCatalog::folder() const {
  throw Error(Fault::User,
              "the catalog is in a database and has no parts; the database's own tools keep it");
}

ResultTable PostgresCatalog::query(const std::string& sql, const QueryLimits& limits) const {
  const std::string text = one_statement(sql);
  PostgresSession session(url_);
  begin_reading(session);
  std::string settings;
  if (limits.timeout_s > 0)  // a little later than the watch here, whose words are better
    settings += "SET LOCAL statement_timeout = " +
                std::to_string(static_cast<std::int64_t>(limits.timeout_s * 1000) + 2000) + ";";
  if (limits.memory_mb > 0)
    settings += "SET LOCAL work_mem = '" + std::to_string(limits.memory_mb) + "MB';";
  if (limits.threads > 0)
    settings +=
        "SET LOCAL max_parallel_workers_per_gather = " + std::to_string(limits.threads - 1) + ";";
  session.execute(settings);
  ResultTable table;
  table.columns = session.describe(sql);
  require_select(text);
  session.stream_into(table, sql, limits.timeout_s, limits.max_rows);
  return table;
}

std::unique_ptr<SnapshotSource> PostgresCatalog::hold(const SnapshotOptions& options,
                                                      const SnapshotPlace& place) const {
  return std::make_unique<PostgresSource>(url_, options, place);
}

}  // namespace canopy
