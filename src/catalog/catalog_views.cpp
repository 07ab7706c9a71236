// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog_views.h"

#include <string>

#include "base/error.h"
#include "catalog/tile_columns.h"

namespace canopy {
namespace {

constexpr const char* kScoreColumns =
    "tile_key VARCHAR, run_id VARCHAR, scored_at VARCHAR, step BIGINT, loss DOUBLE, mask_iou_mean "
    "DOUBLE, "
    "mask_iou_std DOUBLE, difficulty DOUBLE, times_seen BIGINT";

/// Whether the parts agree in their columns, as those of one version of ours do: then the engine
/// need not look into each of them whenever a query is prepared.
bool have_same_columns(DuckdbSession& session, const std::vector<std::filesystem::path>& parts) {
  const ResultTable kinds = session.query(
      "SELECT count(DISTINCT columns) FROM (SELECT sum(hash(name, type, converted_type, "
      "logical_type)) AS columns FROM parquet_schema(" +
      sql_list(parts) + ") WHERE num_children IS NULL GROUP BY file_name)");
  return to_text(kinds.rows[0][0]) == "1";
}

/// A view with the columns of `template_table`, NULL where the parts lack them, and whatever else
/// the parts have.
std::string view_over(DuckdbSession& session,
                      const std::string& view,
                      const std::string& template_table,
                      const std::vector<std::filesystem::path>& parts) {
  std::string sql = "CREATE VIEW " + view + " AS SELECT * FROM " + template_table;
  if (!parts.empty())
    sql += " UNION ALL BY NAME SELECT * FROM read_parquet(" + sql_list(parts) +
           ", union_by_name=" + (have_same_columns(session, parts) ? "false" : "true") + ")";
  return sql;
}

void require_our_schema(DuckdbSession& session, const std::vector<std::filesystem::path>& parts) {
  if (parts.empty()) return;
  session.for_each_row(
      "SELECT files.path, schema FROM (SELECT unnest(" + sql_list(parts) +
          ") AS path) AS files LEFT JOIN (SELECT file_name, try_cast(decode(value) AS BIGINT) AS "
          "schema FROM "
          "parquet_kv_metadata(" +
          sql_list(parts) +
          ") WHERE decode(key) = 'canopy_part_schema') ON path = file_name ORDER BY path",
      [](const std::vector<Cell>& row) {
        const auto* schema = std::get_if<std::int64_t>(&row[1]);
        const std::string path = to_text(row[0]);
        require(schema != nullptr, [&] {
          return path +
                 ": is Parquet, but no part that an ingest wrote; move it out of the catalog";
        });
        require(*schema <= kPartSchema, [&] {
          return path + ": was written by a later version (schema " + std::to_string(*schema) +
                 ", this one reads up to " + std::to_string(kPartSchema) + "); update canopy";
        });
        return true;
      });
}

// Of rows with one tile_key the latest revision stands, then the latest ingest. Pictures with a
// second row are few, so they are found first, by a hash (a collision costs a look, no more), and
// only they are put in order.
constexpr const char* kLatest = R"sql(
  WITH contested AS (SELECT hash(tile_key) AS key FROM tiles GROUP BY key HAVING count(*) > 1),
  outdated AS (
    SELECT tile_id, ingest_id FROM (
      SELECT tile_id, ingest_id, row_number() OVER (PARTITION BY tile_key
        ORDER BY label_revision DESC, ingested_at DESC NULLS LAST, ingest_id DESC, tile_id DESC) AS age
      FROM tiles WHERE hash(tile_key) IN (SELECT key FROM contested))
    WHERE age > 1)
  SELECT tiles.* FROM tiles ANTI JOIN outdated USING (tile_id, ingest_id))sql";

}  // namespace

void make_views(DuckdbSession& session,
                const std::vector<std::filesystem::path>& tile_parts,
                const std::vector<std::filesystem::path>& score_parts) {
  require_our_schema(session, tile_parts);
  session.execute("CREATE TABLE tile_template (" + tile_table_columns() + ")");
  session.execute(std::string("CREATE TABLE score_template (") + kScoreColumns + ")");
  session.execute(view_over(session, "tiles", "tile_template", tile_parts));
  session.execute(view_over(session, "scores", "score_template", score_parts));
  session.execute(std::string("CREATE VIEW latest_tiles AS ") + kLatest);
  const std::string columns =
      "run_id, scored_at, step, loss, mask_iou_mean, mask_iou_std, difficulty, times_seen";
  if (score_parts.empty()) {
    session.execute(
        "CREATE VIEW examples AS SELECT latest_tiles.*, score_template.* EXCLUDE (tile_key) "
        "FROM latest_tiles LEFT JOIN score_template USING (tile_key)");
  } else {
    session.execute("CREATE VIEW newest_scores AS SELECT tile_key, " + columns +
                    " FROM (SELECT *, row_number() OVER (PARTITION BY tile_key ORDER BY scored_at "
                    "DESC NULLS LAST, "
                    "run_id DESC, step DESC) AS age FROM scores) WHERE age = 1");
    session.execute(
        "CREATE VIEW examples AS SELECT latest_tiles.*, newest_scores.* EXCLUDE (tile_key) "
        "FROM latest_tiles LEFT JOIN newest_scores USING (tile_key)");
  }
}

}  // namespace canopy
