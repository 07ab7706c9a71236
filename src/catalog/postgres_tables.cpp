// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_tables.h"

#include <set>

#include "base/error.h"
#include "catalog/postgres_schema.h"
#include "catalog/tile_columns.h"

namespace canopy {
namespace {

// DISTINCT ON lets the planner leave the join out where no column of a score is asked for.
constexpr const char* kExamples = R"sql(
  CREATE VIEW examples AS
    SELECT tiles.*, run_id, scored_at, step, loss, mask_iou_mean, mask_iou_std, difficulty, times_seen
    FROM tiles LEFT JOIN (
      SELECT DISTINCT ON (tile_key) * FROM scores
      ORDER BY tile_key, scored_at DESC NULLS LAST, run_id DESC, step DESC) AS newest USING (tile_key)
    WHERE NOT EXISTS (
      SELECT 1 FROM tiles AS later WHERE later.tile_key = tiles.tile_key AND
        (later.label_revision, coalesce(later.ingested_at, ''), later.ingest_id, later.tile_id) >
        (tiles.label_revision, coalesce(tiles.ingested_at, ''), tiles.ingest_id, tiles.tile_id)))sql";

constexpr const char* kTables = R"sql(
  CREATE TABLE ingests (
    ingest_id TEXT COLLATE "C" PRIMARY KEY, committed_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    tiles BIGINT NOT NULL, rows_sha256 TEXT NOT NULL);
  CREATE TABLE tiles (
    tile_id TEXT COLLATE "C" NOT NULL, tile_key TEXT COLLATE "C" NOT NULL,
    ingest_id TEXT COLLATE "C" NOT NULL, PRIMARY KEY (ingest_id, tile_id));
  CREATE INDEX tiles_by_id ON tiles (tile_id);
  CREATE INDEX tiles_by_key ON tiles (tile_key);
  CREATE TABLE scores (
    tile_key TEXT COLLATE "C" NOT NULL, run_id TEXT COLLATE "C", scored_at TEXT COLLATE "C",
    step BIGINT, loss DOUBLE PRECISION, mask_iou_mean DOUBLE PRECISION, mask_iou_std DOUBLE PRECISION,
    difficulty DOUBLE PRECISION, times_seen BIGINT);
  CREATE INDEX scores_newest ON scores (tile_key, scored_at DESC NULLS LAST, run_id DESC, step DESC);
  CREATE FUNCTION xor(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    AS 'SELECT a # b';
  CREATE FUNCTION bit_count(bits BIGINT) RETURNS BIGINT LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    AS 'SELECT bit_count(bits::bit(64))';
)sql";

constexpr const char* kGrants = R"sql(
  DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'canopy_reader') THEN
      EXECUTE format('GRANT USAGE ON SCHEMA %I TO canopy_reader', current_schema());
      GRANT SELECT ON tiles, scores, ingests, examples, catalog_schema TO canopy_reader;
    END IF;
  END $$)sql";

const PostgresSchema& catalog_schema() {
  static const PostgresSchema schema = {.noun = "catalog",
                                        .version_table = "catalog_schema",
                                        .names = {"tiles", "scores", "ingests", "examples"},
                                        .migrations = {kTables}};
  return schema;
}

void refuse_superusers(PostgresSession& session) {
  std::string role;
  session.run(
      "SELECT session_user FROM pg_roles WHERE rolname = session_user AND (rolsuper OR "
      "pg_has_role('pg_read_server_files', 'MEMBER') OR "
      "pg_has_role('pg_write_server_files', 'MEMBER') OR "
      "pg_has_role('pg_execute_server_program', 'MEMBER'))",
      {},
      [&](const auto& row) { role = row.text(0); });
  require(role.empty(), [&] {
    return session.name() + ": the role '" + role +
           "' may read the server's files, and so could every query; connect as a role of its own "
           "(docs/postgres.md)";
  });
}

std::vector<const TileColumn*> missing_columns(PostgresSession& session) {
  std::set<std::string> there;
  session.run(
      "SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid = "
      "(SELECT oid FROM pg_class WHERE relname = 'tiles' AND relnamespace = "
      "(SELECT oid FROM pg_namespace WHERE nspname = current_schema()))",
      {},
      [&](const auto& row) { there.insert(row.text(0)); });
  std::vector<const TileColumn*> missing;
  for (const TileColumn& column : tile_columns())
    if (there.count(column.name) == 0) missing.push_back(&column);
  return missing;
}

}  // namespace

std::string postgres_type(const std::string& name, const std::string& sql_type) {
  if (name == "meta") return "JSON";
  if (sql_type == "VARCHAR") return "TEXT COLLATE \"C\"";
  if (sql_type == "DOUBLE") return "DOUBLE PRECISION";
  return sql_type;
}

void make_catalog_tables(PostgresSession& session) {
  refuse_superusers(session);
  migrate(session, catalog_schema());
  if (missing_columns(session).empty() && has_table(session, "examples")) return;
  alone(session, [&] {
    // A view keeps the columns that it was made with.
    session.execute("DROP VIEW IF EXISTS examples");
    for (const TileColumn* column : missing_columns(session))
      session.execute("ALTER TABLE tiles ADD COLUMN " + column->name + " " +
                      postgres_type(column->name, column->sql_type));
    session.execute(kExamples);
    session.execute(kGrants);
  });
}

void begin_reading(PostgresSession& session) {
  session.begin_reading("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  session.run(
      "SELECT set_config('role', 'canopy_reader', true) FROM pg_roles WHERE rolname = "
      "'canopy_reader' AND pg_has_role(oid, 'MEMBER') AND session_user <> 'canopy_reader'");
}

}  // namespace canopy
