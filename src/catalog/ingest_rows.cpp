// SPDX-License-Identifier: Apache-2.0
#include "catalog/ingest_rows.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"
#include "catalog/catalog_engine.h"
#include "catalog/catalog_views.h"
#include "catalog/compaction.h"
#include "catalog/duckdb_session.h"
#include "catalog/merged_parts.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

std::string part_name(const std::string& ingest) { return "tiles/" + ingest + ".parquet"; }

std::vector<std::string> ingests_in(DuckdbSession& session, const CatalogPart& part) {
  std::vector<std::string> ids;
  session.for_each_row("SELECT DISTINCT ingest_id FROM read_parquet(" + sql_list({part.path}) +
                           ") ORDER BY ingest_id",
                       [&](const std::vector<Cell>& row) {
                         ids.push_back(to_text(row[0]));
                         return true;
                       });
  return ids;
}

/// A merged part in which no row is left, and all that it hides: the hidden first.
void drop_merged_part(const Catalog& catalog, const CatalogPart& merged) {
  for (const std::string& name : replaced_by(merged)) fs::remove(catalog.folder() / name);
  sync_folder(catalog.folder() / "tiles");
  fs::remove(merged.path);
}

}  // namespace

std::vector<std::string> extract_ingests(const Catalog& catalog,
                                         const CatalogPart& merged,
                                         const std::set<std::string>& known) {
  DuckdbSession session;
  std::vector<std::string> ids = ingests_in(session, merged);
  std::erase_if(ids, [&](const std::string& id) { return known.count(id) > 0; });
  for (const std::string& id : ids) {
    if (fs::exists(catalog.folder() / part_name(id))) continue;
    AtomicFile part(catalog.folder() / part_name(id));
    session.execute("COPY (SELECT * FROM read_parquet(" + sql_list({merged.path}) +
                    ") WHERE ingest_id = " + sql_text(id) + " ORDER BY tile_id) TO " +
                    sql_text(part.path().string()) + " (" + parquet_format() +
                    ", KV_METADATA {canopy_part_schema: '" + std::to_string(kPartSchema) + "'})");
    part.commit(AtomicFile::Existing::Keep);
  }
  return ids;
}

void drop_ingests(const Catalog& catalog, const std::vector<std::string>& ingests) {
  const auto is_dropped = [&](const std::string& id) {
    return std::find(ingests.begin(), ingests.end(), id) != ingests.end();
  };
  for (const std::string& id : ingests) fs::remove(catalog.folder() / part_name(id));
  for (const CatalogPart& part : catalog.parts()) {
    if (!is_merged(part.name)) continue;
    DuckdbSession session;
    const std::vector<std::string> ids = ingests_in(session, part);
    const auto dropped = std::count_if(ids.begin(), ids.end(), is_dropped);
    if (dropped == 0) continue;
    if (dropped == std::ssize(ids))
      drop_merged_part(catalog, part);
    else
      merge_parts(catalog, {part}, ingests, {});
  }
  sync_folder(catalog.folder() / "tiles");
}

}  // namespace canopy
