// SPDX-License-Identifier: Apache-2.0
#include "catalog/score_part.h"

#include <fstream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "catalog/catalog_engine.h"
#include "catalog/catalog_views.h"
#include "catalog/duckdb_session.h"

namespace canopy {
namespace {

constexpr const char* kMeasures = "step, loss, mask_iou_mean, mask_iou_std, difficulty, times_seen";
constexpr const char* kHeader =
    "tile_id,step,loss,mask_iou_mean,mask_iou_std,difficulty,times_seen";

/// The file, after a look at its first line.
std::ifstream opened(const ScoreFile& scores) {
  std::ifstream file(scores.csv, std::ios::binary);
  if (!file) throw Error(Fault::NotFound, scores.csv.string() + ": cannot be read");
  std::string line;
  std::getline(file, line);
  require(line == kHeader, [&] {
    return scores.csv.string() + ": is no list of scores; a run writes it, as scores.csv";
  });
  return file;
}

/// What an engine says of a row that does not fit.
Error about(const ScoreFile& scores, const Error& error) {
  return Error(Fault::User,
               scores.csv.string() + ": " + error.what() +
                   "; let the run write it again: canopy train run=" + scores.run_id + " --resume");
}

}  // namespace

std::int64_t write_score_part(const ScoreFile& scores,
                              const std::vector<std::filesystem::path>& tiles,
                              const std::filesystem::path& target) {
  opened(scores);
  DuckdbSession session;
  make_views(session, tiles, {});
  try {
    session.execute(
        "CREATE TABLE seen AS SELECT * FROM read_csv(" + sql_text(scores.csv.string()) +
        ", header=true, auto_detect=false, columns={tile_id: 'VARCHAR', step: 'BIGINT', loss: "
        "'DOUBLE', mask_iou_mean: 'DOUBLE', mask_iou_std: 'DOUBLE', difficulty: 'DOUBLE', "
        "times_seen: 'BIGINT'})");
  } catch (const Error& error) {
    throw about(scores, error);
  }
  AtomicFile file(target);
  session.execute("COPY (SELECT tile_key, " + sql_text(scores.run_id) + " AS run_id, " +
                  sql_text(scores.scored_at) + " AS scored_at, " + kMeasures +
                  " FROM seen JOIN (SELECT DISTINCT tile_id, tile_key FROM tiles) USING (tile_id) "
                  "ORDER BY tile_key, tile_id) TO " +
                  sql_text(file.path().string()) + " (" + parquet_format() +
                  ", KV_METADATA {canopy_part_schema: '" + std::to_string(kPartSchema) + "'})");
  file.commit(AtomicFile::Existing::Keep);
  const ResultTable there =
      session.query("SELECT count(*) FROM read_parquet(" + sql_list({target}) + ")");
  return std::get<std::int64_t>(there.rows[0][0]);
}

std::int64_t copy_scores(const ScoreFile& scores, PostgresSession& session) {
  std::int64_t rows = 0;
  session.transaction("BEGIN", [&] {
    std::ifstream file = opened(scores);
    session.run("SELECT pg_advisory_xact_lock(hashtext($1))", {scores.run_id});
    session.run("SELECT count(*) FROM scores WHERE run_id = $1",
                {scores.run_id},
                [&](const auto& row) { rows = row.whole(0); });
    if (rows > 0) return;
    session.execute(
        "CREATE TEMP TABLE seen (tile_id TEXT COLLATE \"C\", step BIGINT, loss DOUBLE PRECISION, "
        "mask_iou_mean DOUBLE PRECISION, mask_iou_std DOUBLE PRECISION, difficulty DOUBLE "
        "PRECISION, times_seen BIGINT) ON COMMIT DROP");
    try {
      session.copy_in("COPY seen FROM STDIN (FORMAT csv)", [&](std::string& message) {
        message.resize(1 << 16);
        file.read(message.data(), std::ssize(message));
        message.resize(static_cast<std::size_t>(file.gcount()));
        return !file.eof();
      });
    } catch (const Error& error) {
      throw about(scores, error);
    }
    rows = session.run(std::string("INSERT INTO scores (tile_key, run_id, scored_at, ") +
                           kMeasures + ") SELECT tile_key, $1, $2, " + kMeasures +
                           " FROM seen JOIN (SELECT DISTINCT tile_id, tile_key FROM tiles) AS keys "
                           "USING (tile_id)",
                       {scores.run_id, scores.scored_at});
  });
  return rows;
}

}  // namespace canopy
