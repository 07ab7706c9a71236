// SPDX-License-Identifier: Apache-2.0
#include "catalog/redshift_catalog.h"

#include <fstream>
#include <random>

#include "base/error.h"
#include "catalog/duckdb_session.h"
#include "catalog/one_select.h"
#include "catalog/query_place.h"
#include "catalog/score_part.h"
#include "catalog/snapshot_query.h"
#include "store/blob_store.h"

namespace canopy {
namespace {

/// A prefix that nobody has written to.
std::string fresh_prefix(const std::string& name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string prefix = name + "-";
  for (int i = 0; i < 16; ++i) prefix += kDigits[random() % 16];
  return prefix;
}

std::vector<ResultTable::Column> columns_of(PostgresSession& session, const std::string& text) {
  require_select(text);
  try {
    return session.describe("SELECT * FROM (\n" + text + ") AS answer LIMIT 0");
  } catch (const Error& error) {
    // One line of ours stands before the text.
    throw Error(error.fault(), words_about_condition(engine_words(error.what()), text, 1).text());
  }
}

}  // namespace

bool RedshiftCatalog::commit_part(const std::string&, const Catalog::RowSource&) {
  throw Error(Fault::User,
              "a catalog in Redshift is loaded by the cluster's own COPY from Parquet parts "
              "(docs/postgres.md); ingest into a folder, and load its parts");
}

std::int64_t RedshiftCatalog::record_scores(const ScoreFile& scores) {
  throw Error(Fault::User,
              "a catalog in Redshift takes no scores from here; load " + scores.csv.string() +
                  " by the cluster's own COPY");
}

bool RedshiftCatalog::has_part(const std::string& ingest_id) const {
  const ResultTable table =
      query("SELECT 1 FROM tiles WHERE ingest_id = " + sql_text(ingest_id) + " LIMIT 1", {});
  return !table.rows.empty();
}

const std::filesystem::path& RedshiftCatalog::folder() const {
  throw Error(Fault::User,
              "the catalog is in a database and has no parts; the database's own tools keep it");
}

ResultTable RedshiftCatalog::query(const std::string& sql, const QueryLimits& limits) const {
  const std::string text = one_statement(sql);
  PostgresSession session(address_.postgres_url, PostgresSession::Plain{});
  session.begin_reading("BEGIN READ ONLY");
  session.execute("SET statement_timeout TO " +
                  std::to_string(static_cast<std::int64_t>(limits.timeout_s * 1000)));
  ResultTable table;
  table.columns = columns_of(session, text);
  session.stream_into(table, text, limits.timeout_s, limits.max_rows);
  return table;
}

std::unique_ptr<Rearrangement> RedshiftCatalog::rearrange() const {
  throw Error(Fault::User,
              "rows of Redshift are not removed or made anew from here; use the cluster's own "
              "DELETE and COPY (docs/postgres.md)");
}

std::unique_ptr<SnapshotSource> RedshiftCatalog::hold(const SnapshotOptions& options,
                                                      const SnapshotPlace& place) const {
  return std::make_unique<RedshiftSource>(address_, options, place);
}

RedshiftSource::RedshiftSource(const RedshiftAddress& address,
                               const SnapshotOptions& options,
                               const SnapshotPlace& place)
    : options_(options),
      address_(address),
      place_(place),
      session_(address.postgres_url, PostgresSession::Plain{}) {
  session_.stream("SELECT version()", 0, [&](const auto& row) {
    version_ = row.text(0);
    return true;
  });
  session_.stream("SELECT ingest_id, count(*) FROM tiles GROUP BY ingest_id ORDER BY ingest_id",
                  0,
                  [&](const auto& row) {
                    parts_.push_back({{"uri", "tiles/" + row.text(0)}, {"rows", row.whole(1)}});
                    return true;
                  });
}

nlohmann::ordered_json RedshiftSource::engine() const {
  return {{"name", "redshift"}, {"version", version_}};
}

std::vector<ResultTable::Column> RedshiftSource::check_select(const std::string& query) {
  return columns_of(session_, one_statement(query));
}

std::string RedshiftSource::write(const std::string& query,
                                  const std::vector<ResultTable::Column>& columns) {
  const std::string sql = redshift_dataset_query(query, dataset_query(columns, options_));
  const std::string prefix = fresh_prefix(options_.name);
  std::string statement =
      unload_statement(sql, address_.unload + "/" + prefix + "/", address_.iam_role);
  session_.stream(statement, options_.timeout_s, [](const auto&) { return true; });

  const std::unique_ptr<BlobStore> store = open_blob_store(address_.unload);
  std::vector<std::string> names;
  store->list(prefix + "/", [&](const std::string& name, std::int64_t) {
    if (name.ends_with(".parquet")) names.push_back(name);
  });
  if (names.empty())
    throw Error(Fault::Environment,
                "Redshift's UNLOAD left no Parquet file under " + address_.unload + "/" + prefix +
                    "/; see that the cluster's role may write there, and this machine read");
  for (const std::string& name : names) {
    const std::vector<std::uint8_t> bytes = store->get(name);
    const std::filesystem::path path = place_.new_file();
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
    file.close();
    if (!file) throw Error(Fault::Environment, path.string() + ": cannot be written");
    origins_.push_back(address_.unload + "/" + name);
  }
  return statement;
}

std::int64_t RedshiftSource::row_count() {
  std::int64_t count = 0;
  session_.stream("SELECT count(*) FROM tiles", 0, [&](const auto& row) {
    count = row.whole(0);
    return true;
  });
  return count;
}

}  // namespace canopy
