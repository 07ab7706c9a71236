// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_ingest.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "catalog/catalog_engine.h"
#include "catalog/postgres_copy.h"
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

/// The rows of an ingest whose row in `ingests` is there.
void fill(PostgresSession& session, const std::string& ingest_id, IngestRows& rows) {
  try {
    load(session, rows);
  } catch (const Error& error) {
    throw in_our_words(ingest_id, error);
  }
  rows.require_some();
  session.run("UPDATE ingests SET tiles = $2, rows_sha256 = $3 WHERE ingest_id = $1",
              {ingest_id, rows.count(), rows.sha256()});
}

/// Rows that are given one after another.
Catalog::RowSource each_of(std::span<const TileRow> rows) {
  return [rows, at = std::size_t{0}](TileRow& row) mutable {
    if (at == rows.size()) return false;
    row = rows[at++];
    return true;
  };
}

std::string sha256_of_rows(const std::string& ingest_id, std::span<const TileRow> given) {
  const Catalog::RowSource next = each_of(given);
  IngestRows rows(ingest_id, next);
  for (std::string ignored; rows.put(ignored);) ignored.clear();
  return rows.sha256();
}

/// The rows of an ingest as they stand in `tiles`.
std::vector<TileRow> standing_rows(PostgresSession& session, const std::string& ingest_id) {
  std::string sql = "SELECT ";
  for (const TileColumn& column : tile_columns()) sql += column.name + ", ";
  sql.replace(sql.size() - 2, 2, " FROM tiles WHERE ingest_id = $1");
  std::vector<TileRow> rows;
  session.run(sql, {ingest_id}, [&](const PostgresSession::Row& cells) {
    TileRow& row = rows.emplace_back();
    for (std::size_t i = 0; i < tile_columns().size(); ++i)
      tile_columns()[i].set(row, cells.cell(static_cast<int>(i)));
  });
  return rows;
}

std::string recorded_sha256(PostgresSession& session, const std::string& ingest_id) {
  std::string sha256;
  session.run("SELECT rows_sha256 FROM ingests WHERE ingest_id = $1",
              {ingest_id},
              [&](const auto& row) { sha256 = row.text(0); });
  return sha256;
}

}  // namespace

bool enter_ingest(PostgresSession& session,
                  const std::string& ingest_id,
                  const Catalog::RowSource& next) {
  IngestRows rows(ingest_id, next);
  bool made = false;
  session.transaction("BEGIN", [&] {
    // Waits here for another that commits the same ingest.
    made = session.run(
               "INSERT INTO ingests (ingest_id, tiles, rows_sha256) VALUES ($1, 0, '') ON "
               "CONFLICT DO NOTHING",
               {ingest_id}) == 1;
    made ? fill(session, ingest_id, rows) : require_same_rows(session, ingest_id, rows);
  });
  return made;
}

PostgresRearrangement::PostgresRearrangement(const std::string& url) : session_(url) {
  bool is_ours = false;
  session_.run("SELECT pg_try_advisory_lock(1130458736, hashtext(current_schema()))",
               {},
               [&](const auto& row) { is_ours = row.text(0) == "t"; });
  if (!is_ours)
    throw Error(Fault::Conflict,
                session_.name() +
                    ": another process rearranges this catalog (rebuild or gc); wait until it has "
                    "ended");
}

void PostgresRearrangement::replace(const std::string& ingest_id, std::span<const TileRow> rows) {
  require_part_name(ingest_id);
  given_.push_back(ingest_id);
  session_.transaction("BEGIN", [&] {
    session_.run(
        "INSERT INTO ingests (ingest_id, tiles, rows_sha256) VALUES ($1, 0, '') ON CONFLICT DO "
        "NOTHING",
        {ingest_id});
    const std::string sha256 = sha256_of_rows(ingest_id, rows);
    if (recorded_sha256(session_, ingest_id) == sha256 &&
        sha256_of_rows(ingest_id, standing_rows(session_, ingest_id)) == sha256)
      return;
    session_.run("DELETE FROM tiles WHERE ingest_id = $1", {ingest_id});
    const Catalog::RowSource next = each_of(rows);
    IngestRows fresh(ingest_id, next);
    fill(session_, ingest_id, fresh);
    ++done_.changed;
  });
}

Rearranged PostgresRearrangement::finish() {
  const std::set<std::string> given(given_.begin(), given_.end());
  session_.run("SELECT ingest_id FROM ingests ORDER BY ingest_id", {}, [&](const auto& row) {
    if (!given.count(row.text(0)))
      done_.kept.emplace_back(session_.name() + ", ingest '" + row.text(0) + "'", row.text(0));
  });
  return std::move(done_);
}

std::vector<std::string> PostgresRearrangement::drop(const std::vector<std::string>& ingests) {
  session_.transaction("BEGIN", [&] {
    for (const std::string& id : ingests) {
      session_.run("DELETE FROM tiles WHERE ingest_id = $1", {id});
      session_.run("DELETE FROM ingests WHERE ingest_id = $1", {id});
    }
  });
  return {};
}

}  // namespace canopy
