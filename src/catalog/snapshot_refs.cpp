// SPDX-License-Identifier: Apache-2.0
#include "catalog/snapshot_refs.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/hash.h"
#include "catalog/duckdb_session.h"

namespace canopy {
namespace {

std::vector<std::string> tile_ids(const Snapshot& snapshot) {
  std::vector<std::string> ids;
  for (const SnapshotRef& ref : read_refs(snapshot)) ids.push_back(ref.tile_id);
  return ids;
}

/// A list with a flipped bit would still be read, and what is trained on it would carry its id.
void require_whole_parts(const Snapshot& snapshot) {
  for (const auto& part : snapshot.manifest.at("parts")) {
    const std::string name = part.at("uri");
    const std::filesystem::path path = snapshot.folder / name;
    if (std::filesystem::exists(path) && sha256_of_file(path) != part.at("sha256"))
      throw Error(Fault::Environment,
                  name + ": its bytes are not those that were written (SHA-256 differs); remove " +
                      snapshot.folder.string() + " and make the dataset again");
  }
}

}  // namespace

std::vector<SnapshotRef> read_refs(const Snapshot& snapshot, const std::string& split) {
  std::vector<SnapshotRef> refs;
  std::string sql = "SELECT tile_id, uri, bytes, split, label_kind, weight FROM read_parquet(" +
                    sql_list(snapshot.parts()) + ")";
  if (!split.empty()) sql += " WHERE split = " + sql_text(split);
  try {
    require_whole_parts(snapshot);
    DuckdbSession session;
    session.for_each_row(sql + " ORDER BY tile_id", [&](const std::vector<Cell>& row) {
      refs.push_back({.tile_id = std::get<std::string>(row[0]),
                      .uri = std::get<std::string>(row[1]),
                      .bytes = std::get<std::int64_t>(row[2]),
                      .split = std::get<std::string>(row[3]),
                      .label_kind = std::get<std::string>(row[4]),
                      .weight = std::get<double>(row[5])});
      return true;
    });
  } catch (const Error& error) {
    throw add_context("dataset " + snapshot.ref(), error);
  }
  return refs;
}

SnapshotDiff diff_snapshots(const Snapshot& from, const Snapshot& to) {
  const std::vector<std::string> before = tile_ids(from), after = tile_ids(to);
  SnapshotDiff diff;
  std::set_difference(
      after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(diff.added));
  std::set_difference(
      before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(diff.removed));
  return diff;
}

}  // namespace canopy
