// SPDX-License-Identifier: Apache-2.0
#include "catalog/parquet_source.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "catalog/catalog_views.h"
#include "catalog/dataset_views.h"
#include "catalog/query_place.h"
#include "catalog/snapshot_query.h"

namespace canopy {
namespace {

std::vector<std::filesystem::path> paths_of(const std::vector<CatalogPart>& parts) {
  std::vector<std::filesystem::path> paths;
  for (const CatalogPart& part : parts) paths.push_back(part.path);
  return paths;
}

}  // namespace

ParquetSource::ParquetSource(const std::vector<CatalogPart>& tiles,
                             const std::vector<CatalogPart>& scores,
                             const SnapshotOptions& options,
                             const SnapshotPlace& place)
    : options_(options),
      parts_(tiles),
      session_({.threads = options.threads,
                .memory_mb = options.memory_mb,
                .timeout_s = options.timeout_s,
                .spill_folder = place.spill}),
      file_(place.new_file()) {
  make_views(session_, paths_of(tiles), paths_of(scores));
  parts_.insert(parts_.end(), scores.begin(), scores.end());
  std::vector<std::filesystem::path> files = paths_of(parts_);
  for (const Snapshot& snapshot :
       make_dataset_views(session_, user_query(options), place.datasets)) {
    const std::vector<std::filesystem::path> more = snapshot.parts();
    files.insert(files.end(), more.begin(), more.end());
    from_datasets_.push_back(snapshot.name + "-" + snapshot.id);
  }
  files.push_back(file_);
  session_.lock_down(files);
}

nlohmann::ordered_json ParquetSource::engine() const {
  return {{"name", "duckdb"}, {"version", DuckdbSession::version()}};
}

std::vector<ResultTable::Column> ParquetSource::check_select(const std::string& query) {
  return session_.check_select(query);
}

std::string ParquetSource::write(const std::string& query,
                                 const std::vector<ResultTable::Column>& columns) {
  session_.execute("CREATE TEMP VIEW selected AS " + query);
  std::string sql = dataset_query(columns, options_);
  try {
    session_.execute("COPY (" + sql + ") TO " + sql_text(file_.string()) + " (" + parquet_format() +
                     ")");
  } catch (const Error& error) {
    EngineWords said = engine_words(error.what());
    if (said.line == 0) throw;
    // A place in our statement tells nobody anything: by itself the query shows it in its own text.
    session_.for_each_row(query, nullptr);
    said.line = 0;
    throw Error(error.fault(), said.text());
  }
  return sql;
}

nlohmann::ordered_json ParquetSource::parts() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const CatalogPart& part : parts_)
    list.push_back(
        {{"uri", part.name}, {"bytes", part.bytes}, {"sha256", sha256_of_file(part.path)}});
  return list;
}

bool ParquetSource::is_whole() const {
  return std::ranges::all_of(
      parts_, [](const CatalogPart& part) { return std::filesystem::exists(part.path); });
}

std::int64_t ParquetSource::row_count() {
  return std::get<std::int64_t>(session_.query("SELECT count(*) FROM tiles").rows[0][0]);
}

}  // namespace canopy
