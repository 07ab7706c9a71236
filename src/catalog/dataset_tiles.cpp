// SPDX-License-Identifier: Apache-2.0
#include "catalog/dataset_tiles.h"

#include <algorithm>

#include "base/error.h"
#include "catalog/duckdb_session.h"

namespace canopy {
namespace {

constexpr std::size_t kFewestDigits = 4, kDigits = 64;  ///< of an id

bool has_column(const Snapshot& dataset, const std::string& name) {
  return std::ranges::any_of(dataset.manifest.at("columns"),
                             [&](const auto& column) { return column.at("name") == name; });
}

}  // namespace

std::vector<TileUse> uses_of_tile(std::span<const Snapshot> datasets, const std::string& tile_id) {
  require(tile_id.size() >= kFewestDigits && tile_id.size() <= kDigits &&
              tile_id.find_first_not_of("0123456789abcdef") == std::string::npos,
          [&] {
            return "'" + tile_id +
                   "' is no tile: an id has 64 digits of 0-9 and a-f, and its "
                   "first four will do";
          });
  std::vector<TileUse> uses;
  if (datasets.empty()) return uses;
  std::string sql;
  for (std::size_t i = 0; i < datasets.size(); ++i)
    sql += std::string(i == 0 ? "" : " UNION ALL ") + "SELECT " + std::to_string(i) +
           "::BIGINT, tile_id, split FROM read_parquet(" + sql_list(datasets[i].parts()) +
           ") WHERE tile_id >= " + sql_text(tile_id) + " AND tile_id < " + sql_text(tile_id + "g");
  DuckdbSession session;
  session.for_each_row(sql + " ORDER BY 1, 2", [&](const std::vector<Cell>& row) {
    uses.push_back({static_cast<std::size_t>(std::get<std::int64_t>(row[0])),
                    std::get<std::string>(row[1]),
                    std::get<std::string>(row[2])});
    return true;
  });
  return uses;
}

std::vector<TileSource> sources_of(const Snapshot& dataset) {
  std::vector<TileSource> sources;
  if (!has_column(dataset, "source_sha256")) return sources;
  DuckdbSession session;
  session.for_each_row(
      "SELECT coalesce(source_sha256, ''), count(*) FROM read_parquet(" +
          sql_list(dataset.parts()) + ") GROUP BY 1 ORDER BY 2 DESC, 1",
      [&](const std::vector<Cell>& row) {
        sources.push_back({std::get<std::string>(row[0]), std::get<std::int64_t>(row[1])});
        return true;
      });
  return sources;
}

}  // namespace canopy
