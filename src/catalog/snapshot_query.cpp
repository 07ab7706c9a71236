// SPDX-License-Identifier: Apache-2.0
#include "catalog/snapshot_query.h"

#include <algorithm>
#include <functional>
#include <set>

#include "base/error.h"
#include "base/nearest.h"
#include "catalog/one_select.h"
#include "catalog/query_place.h"
#include "catalog/split_rule.h"
#include "catalog/tile_columns.h"

namespace canopy {
namespace {

std::string lower(std::string text) {
  std::transform(
      text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// SQL names are the same in any case.
bool holds(const std::set<std::string>& names, const std::string& name) {
  return names.count(lower(name)) > 0;
}

std::set<std::string> names_of(const std::vector<ResultTable::Column>& columns) {
  std::set<std::string> names;
  for (const ResultTable::Column& column : columns)
    require(names.insert(lower(column.name)).second, [&] {
      return "the query selects column '" + column.name + "' twice; give one of them another name";
    });
  require(holds(names, "tile_id"),
          "the query must select tile_id, so that each row names its example; add it");
  return names;
}

bool is_tile_column(const std::string& name) {
  return std::any_of(tile_columns().begin(), tile_columns().end(), [&](const TileColumn& column) {
    return column.name == name;
  });
}

void require_known(const std::string& column, const std::set<std::string>& selected) {
  std::vector<std::string> known;
  for (const TileColumn& tile : tile_columns()) known.push_back(tile.name);
  require(holds(selected, column) ||
              std::find(known.begin(), known.end(), lower(column)) != known.end(),
          [&] {
            return "split-by '" + column + "' is neither selected nor a column of tiles" +
                   suggestion(column, known);
          });
}

/// The join that looks up columns which the query did not select. A tile_id stands for one file, so
/// wherever the tile was ingested these agree; min() makes sure of it.
std::string look_up(const std::vector<std::string>& columns) {
  if (columns.empty()) return "FROM selected";
  std::string sql = "FROM selected LEFT JOIN (SELECT tile_id";
  for (const std::string& column : columns)
    sql += ", min(" + sql_name(column) + ") AS " + sql_name(column);
  return sql +
         " FROM tiles WHERE tile_id IN (SELECT tile_id FROM selected) GROUP BY tile_id) AS "
         "looked_up "
         "ON selected.tile_id = looked_up.tile_id";
}

}  // namespace

const std::vector<std::string>& usual_columns() {
  static const std::vector<std::string> columns = {"tile_id",
                                                   "uri",
                                                   "bytes",
                                                   "label_kind",
                                                   "tile_key",
                                                   "survey_id",
                                                   "source_sha256",
                                                   "label_revision",
                                                   "farm",
                                                   "orchard",
                                                   "crop",
                                                   "cultivar",
                                                   "country",
                                                   "captured_on",
                                                   "sensor",
                                                   "bands",
                                                   "dtype",
                                                   "gsd_m",
                                                   "width_px",
                                                   "height_px",
                                                   "tree_count",
                                                   "dead_count",
                                                   "canopy_fraction",
                                                   "crown_px_median",
                                                   "touching_fraction"};
  return columns;
}

namespace {
constexpr int kLinesBeforeWhere = 3;  ///< of `user_query`
}

std::string user_query(const SnapshotOptions& options) {
  if (!options.sql.empty()) return options.sql;
  std::vector<std::string> columns = usual_columns();
  for (const std::string& column : options.columns) {
    // In small letters where it is one of ours: a quoted name has its own case to some engines.
    const std::string name = is_tile_column(lower(column)) ? lower(column) : column;
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  }
  std::string sql;
  for (const std::string& column : columns)
    sql += (sql.empty() ? "SELECT " : ", ") + sql_name(column);
  sql += "\nFROM examples";
  // On lines of its own: the condition may end in a comment, and the engine's message shows its
  // line alone (kLinesBeforeWhere).
  if (!options.where.empty()) sql += "\nWHERE (\n" + options.where + "\n)";
  return sql;
}

void require_columns(const SnapshotOptions& options,
                     const std::vector<ResultTable::Column>& examples) {
  std::vector<std::string> known;
  for (const ResultTable::Column& column : examples) known.push_back(column.name);
  for (const std::string& name : options.columns)
    require(std::find(known.begin(), known.end(), lower(name)) != known.end(), [&] {
      const std::string near = suggestion(lower(name), known);
      return "columns: '" + name + "' is no column of examples" +
             (near.empty() ? "; docs/formats.md lists them" : near);
    });
}

Error in_own_text(const Error& error, const SnapshotOptions& options) {
  if (options.where.empty() || error.fault() != Fault::User) return error;
  return Error(
      error.fault(),
      words_about_condition(engine_words(error.what()), options.where, kLinesBeforeWhere).text());
}

std::string looked_up_name(const std::string& column) { return "looked_up." + column; }

namespace {

/// The SELECT without its FROM. `of_looked_up` says how a column is called that the query lacks.
DatasetQuery select_list(const std::vector<ResultTable::Column>& selected,
                         const SnapshotOptions& options,
                         const std::function<std::string(const std::string&)>& of_looked_up) {
  const std::set<std::string> names = names_of(selected);
  DatasetQuery made;
  const auto value_of = [&](const std::string& column) {
    if (holds(names, column)) return "selected." + sql_name(column);
    if (std::find(made.looked_up.begin(), made.looked_up.end(), column) == made.looked_up.end())
      made.looked_up.push_back(column);
    return of_looked_up(column);
  };

  std::string split = "CAST(selected.split AS VARCHAR)";
  const SplitRule rule(options.split);
  if (!holds(names, "split")) {
    require_known(options.split_by, names);
    split = rule.sql("coalesce(CAST(" + value_of(options.split_by) + " AS VARCHAR), " +
                     value_of("tile_key") + ")");
  }
  const std::string weight =
      holds(names, "weight") ? "CAST(selected.weight AS DOUBLE)" : "CAST(1 AS DOUBLE)";
  made.sql = "SELECT selected.tile_id AS tile_id, " + value_of("uri") + " AS uri, CAST(" +
             value_of("bytes") + " AS BIGINT) AS bytes, " + split + " AS split, " + weight +
             " AS weight, coalesce(" + value_of("label_kind") + ", 'none') AS label_kind";
  const std::set<std::string> first = {"tile_id", "uri", "bytes", "split", "weight", "label_kind"};
  for (const ResultTable::Column& column : selected)
    if (!holds(first, column.name)) made.sql += ", selected." + sql_name(column.name);
  return made;
}

constexpr const char* kOrder = "\nORDER BY selected.tile_id";

}  // namespace

std::string dataset_query(const std::vector<ResultTable::Column>& selected,
                          const SnapshotOptions& options) {
  const DatasetQuery made = select_list(
      selected, options, [](const std::string& column) { return "looked_up." + sql_name(column); });
  return made.sql + "\n" + look_up(made.looked_up) + kOrder;
}

DatasetQuery dataset_query_in_two_steps(const std::vector<ResultTable::Column>& selected,
                                        const SnapshotOptions& options) {
  DatasetQuery made = select_list(selected, options, [](const std::string& column) {
    return "selected." + sql_name(looked_up_name(column));
  });
  made.sql += std::string("\nFROM selected") + kOrder;
  return made;
}

}  // namespace canopy
