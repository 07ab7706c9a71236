// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_source.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "catalog/duckdb_rows.h"
#include "catalog/duckdb_session.h"
#include "catalog/one_select.h"
#include "catalog/postgres_copy.h"
#include "catalog/postgres_tables.h"
#include "catalog/snapshot_query.h"
#include "catalog/tile_columns.h"

namespace canopy {
namespace {

/// A column of the answer as COPY is to send it: numbers without an end as DOUBLE, whatever has no
/// form of its own here as its text.
std::string sent(const ResultTable::Column& column, const std::string& name) {
  if (column.type == "DECIMAL") return "CAST(" + name + " AS DOUBLE PRECISION)";
  if (column.type == "VARCHAR") return "CAST(" + name + " AS TEXT)";
  return name;
}

ResultTable::Column as_sent(const ResultTable::Column& column) {
  return {column.name, column.type == "DECIMAL" ? "DOUBLE" : column.type};
}

const TileColumn& tile_column(const std::string& name) {
  const auto same = [&](const TileColumn& column) {
    return std::equal(
        name.begin(), name.end(), column.name.begin(), column.name.end(), [](char a, char b) {
          return std::tolower(static_cast<unsigned char>(a)) == b;
        });
  };
  const auto found = std::find_if(tile_columns().begin(), tile_columns().end(), same);
  check(found != tile_columns().end(), "what is looked up is a column of tiles");
  return *found;
}

/// The smallest of a column's values, as the embedded engine's min() has it.
std::string smallest(const TileColumn& column) {
  if (column.sql_type == "BOOLEAN") return "bool_and(" + column.name + ")";
  if (column.name == "meta") return "min(CAST(meta AS TEXT) COLLATE \"C\")";
  return "min(" + column.name + ")";
}

/// The question to the server.
std::string server_query(const std::string& query,
                         const std::vector<ResultTable::Column>& columns,
                         const std::vector<std::string>& looked_up) {
  std::string list, look_up;
  for (const ResultTable::Column& column : columns)
    list += (list.empty() ? "" : ", ") + sent(column, "selected." + sql_name(column.name));
  for (const std::string& name : looked_up) {
    list += ", looked_up." + tile_column(name).name;
    look_up += ", " + smallest(tile_column(name)) + " AS " + tile_column(name).name;
  }
  std::string sql =
      "WITH selected AS (\n" + one_statement(query) + ")\nSELECT " + list + " FROM selected";
  if (!looked_up.empty())
    sql += " LEFT JOIN (SELECT tile_id" + look_up +
           " FROM tiles WHERE tile_id IN (SELECT tile_id FROM selected) GROUP BY tile_id) AS "
           "looked_up ON looked_up.tile_id = selected.tile_id";
  return sql;
}

}  // namespace

PostgresSource::PostgresSource(const std::string& url,
                               const SnapshotOptions& options,
                               const SnapshotPlace& place)
    : options_(options), place_(place), session_(url) {
  begin_reading(session_);
  session_.run(
      "SELECT ingest_id, tiles, rows_sha256 FROM ingests ORDER BY ingest_id",
      {},
      [&](const auto& row) {
        parts_.push_back(
            {{"uri", "tiles/" + row.text(0)}, {"rows", row.whole(1)}, {"sha256", row.text(2)}});
      });
}

nlohmann::ordered_json PostgresSource::engine() const {
  return {{"name", "postgres"},
          {"version", session_.version()},
          {"writer", "duckdb " + DuckdbSession::version()}};
}

std::vector<ResultTable::Column> PostgresSource::check_select(const std::string& query) {
  const std::string text = one_statement(query);
  auto columns = session_.describe(query);
  require_select(text);
  return columns;
}

std::string PostgresSource::write(const std::string& query,
                                  const std::vector<ResultTable::Column>& columns) {
  const DatasetQuery made = dataset_query_in_two_steps(columns, options_);
  std::vector<ResultTable::Column> given;
  for (const ResultTable::Column& column : columns) given.push_back(as_sent(column));
  for (const std::string& name : made.looked_up)
    given.push_back({looked_up_name(name), tile_column(name).sql_type});
  std::string sql = server_query(query, columns, made.looked_up);

  session_.start_copy_out("COPY (" + sql + "\n) TO STDOUT (FORMAT BINARY)", options_.timeout_s);
  CopyReader reader(given,
                    [this](std::string_view& message) { return session_.next_copy_out(message); });
  DuckdbSession duckdb({.threads = options_.threads,
                        .memory_mb = options_.memory_mb,
                        .timeout_s = options_.timeout_s,
                        .spill_folder = place_.spill});
  const DuckdbRows rows(duckdb, "answer", given, [&](RowWriter& row) { return reader.read(row); });
  duckdb.execute("CREATE TEMP VIEW selected AS SELECT * FROM answer()");
  const std::filesystem::path file = place_.new_file();
  duckdb.lock_down({file});
  try {
    duckdb.execute("COPY (" + made.sql + ") TO " + sql_text(file.string()) + " (" +
                   parquet_format() + ")");
  } catch (const Error&) {
    rows.rethrow();
    throw;
  }
  return sql;
}

std::int64_t PostgresSource::row_count() {
  std::int64_t count = 0;
  session_.run("SELECT count(*) FROM tiles", {}, [&](const auto& row) { count = row.whole(0); });
  return count;
}

}  // namespace canopy
