// SPDX-License-Identifier: Apache-2.0
#include "catalog/compaction.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "catalog/catalog_engine.h"
#include "catalog/catalog_views.h"
#include "catalog/duckdb_session.h"
#include "catalog/merged_parts.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

std::vector<std::vector<CatalogPart>> groups_of(std::vector<CatalogPart> parts,
                                                std::int64_t part_bytes) {
  std::vector<std::vector<CatalogPart>> groups;
  std::int64_t size = part_bytes;
  for (CatalogPart& part : parts) {
    if (part.bytes >= part_bytes) continue;
    if (size + part.bytes > part_bytes) {
      groups.emplace_back();
      size = 0;
    }
    size += part.bytes;
    groups.back().push_back(std::move(part));
  }
  std::erase_if(groups, [](const auto& group) { return group.size() < 2; });
  return groups;
}

/// How many rows, and a number that hangs on each of them and not on their order.
std::string digest_of(DuckdbSession& session, const std::string& table) {
  const ResultTable answer =
      session.query("SELECT count(*) || ' rows, ' || sum(hash(t)) FROM (" + table + ") AS t");
  return to_text(answer.rows[0][0]);
}

std::string rows_of(const std::vector<CatalogPart>& sources,
                    const std::vector<std::string>& without) {
  std::vector<fs::path> paths;
  for (const CatalogPart& part : sources) paths.push_back(part.path);
  std::string sql =
      "SELECT * FROM read_parquet(" + sql_list(paths) + ", union_by_name=true) WHERE true";
  for (const std::string& ingest : without) sql += " AND ingest_id <> " + sql_text(ingest);
  return sql;
}

/// What the new part stands for from now on.
std::vector<std::string> names_replaced(const std::vector<CatalogPart>& sources,
                                        const std::vector<std::string>& without) {
  std::set<std::string> names;
  for (const CatalogPart& part : sources) {
    names.insert(part.name);
    if (!is_merged(part.name)) continue;
    for (const std::string& name : replaced_by(part)) names.insert(name);
  }
  for (const std::string& ingest : without) names.erase("tiles/" + ingest + ".parquet");
  return {names.begin(), names.end()};
}

double age_s(const fs::path& path) {
  const auto age = fs::file_time_type::clock::now() - fs::last_write_time(path);
  return std::chrono::duration<double>(age).count();
}

}  // namespace

void CompactOptions::validate() const {
  require(part_mb > 0, "part-mb must be positive");
  require(grace_s >= 0, "grace-s must not be negative");
  require(threads >= 0, "threads must not be negative");
  require(memory_mb >= 0, "memory-mb must not be negative");
}

CatalogLock::CatalogLock(const fs::path& catalog_folder) {
  const fs::path path = catalog_folder / "rearranging.lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw_errno(path.string());
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(descriptor_);
  throw Error(Fault::Conflict,
              catalog_folder.string() +
                  ": another compact, rebuild or gc is at work; wait until it has ended");
}

CatalogLock::~CatalogLock() { ::close(descriptor_); }

std::string merge_parts(const Catalog& catalog,
                        const std::vector<CatalogPart>& sources,
                        const std::vector<std::string>& without,
                        const CompactOptions& options) {
  const fs::path folder = catalog.folder() / "tiles";
  const AtomicFile spill(catalog.folder() / "spill");
  // Only a temporary: the name comes from the bytes.
  const AtomicFile scratch(folder / "compacted.parquet");
  DuckdbSession session({.threads = options.threads,
                         .memory_mb = options.memory_mb,
                         .timeout_s = 0,
                         .spill_folder = spill.path()});
  const std::string rows = rows_of(sources, without);
  const nlohmann::json replaces = names_replaced(sources, without);
  session.execute("COPY (" + rows + " ORDER BY tile_id, ingest_id) TO " +
                  sql_text(scratch.path().string()) + " (" + parquet_format() +
                  ", KV_METADATA {canopy_part_schema: '" + std::to_string(kPartSchema) +
                  "', canopy_replaces: " + sql_text(replaces.dump()) + "})");
  const std::string written = "SELECT * FROM read_parquet(" + sql_list({scratch.path()}) + ")";
  check(digest_of(session, rows) == digest_of(session, written),
        "a merged part reads back as the rows that went into it");
  std::string name = "tiles/compacted+" + sha256_of_file(scratch.path()).substr(0, 12) + ".parquet";
  AtomicFile part(catalog.folder() / name);
  fs::rename(scratch.path(), part.path());
  part.commit();
  return name;
}

void delete_replaced(const Catalog& catalog, double grace_s, CompactReport& report) {
  for (const auto& [part, by] : by_standing(catalog.parts_on_disk()).replaced) {
    const bool is_over = age_s(by) >= grace_s;
    (is_over ? report.deleted : report.waiting).push_back(part.name);
    if (is_over) fs::remove(part.path);
  }
  if (!report.deleted.empty()) sync_folder(catalog.folder() / "tiles");
}

CompactReport compact(const Catalog& catalog, const CompactOptions& options) {
  options.validate();
  if (!catalog.has_files()) return {};
  const CatalogLock lock(catalog.folder());
  remove_stale_temporaries(catalog.folder());
  const std::vector<CatalogPart> parts = catalog.parts();
  CompactReport report;
  report.parts_before = static_cast<std::int64_t>(parts.size());
  for (const auto& group : groups_of(parts, options.part_mb << 20)) {
    report.made.push_back(merge_parts(catalog, group, {}, options));
    for (const CatalogPart& part : group) report.merged.push_back(part.name);
  }
  report.parts_after = static_cast<std::int64_t>(catalog.parts().size());
  delete_replaced(catalog, options.grace_s, report);
  return report;
}

}  // namespace canopy
