// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_catalog.h"

#include "base/error.h"
#include "catalog/one_select.h"
#include "catalog/postgres_ingest.h"
#include "catalog/postgres_session.h"
#include "catalog/postgres_source.h"
#include "catalog/postgres_tables.h"
#include "catalog/score_part.h"

namespace canopy {
PostgresCatalog::PostgresCatalog(std::string url) : url_(std::move(url)) {
  PostgresSession session(url_);
  make_catalog_tables(session);
}

bool PostgresCatalog::commit_part(const std::string& ingest_id, const Catalog::RowSource& next) {
  PostgresSession session(url_);
  return enter_ingest(session, ingest_id, next);
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

std::unique_ptr<Rearrangement> PostgresCatalog::rearrange() const {
  return std::make_unique<PostgresRearrangement>(url_);
}

std::unique_ptr<SnapshotSource> PostgresCatalog::hold(const SnapshotOptions& options,
                                                      const SnapshotPlace& place) const {
  return std::make_unique<PostgresSource>(url_, options, place);
}

}  // namespace canopy
