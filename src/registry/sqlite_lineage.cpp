// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <utility>

#include "base/error.h"
#include "registry/sqlite_registry.h"

// Lineage in SQL: two walks over the table `edges`, upward and downward from what was asked. UNION
// drops what was seen before, so shared ancestors cost nothing; what is reached by two ways keeps
// the shorter distance.

namespace canopy {
namespace {

using Row = SqliteSession::Row;

constexpr const char* kWalk = R"sql(
  WITH RECURSIVE
    up (kind, id, distance) AS (
      VALUES (?1, ?2, 0) UNION
      SELECT from_kind, from_id, distance - 1 FROM up JOIN edges ON to_kind = kind AND to_id = id),
    down (kind, id, distance) AS (
      VALUES (?1, ?2, 0) UNION
      SELECT to_kind, to_id, distance + 1 FROM down JOIN edges ON from_kind = kind AND from_id = id),
    reached AS (
      SELECT kind, id, max(distance) AS distance FROM up GROUP BY kind, id UNION
      SELECT kind, id, min(distance) FROM down GROUP BY kind, id)
  SELECT kind, id, distance,
    CASE kind
      WHEN 'query' THEN (SELECT text FROM queries WHERE queries.id = reached.id)
      WHEN 'dataset' THEN (SELECT name || ': ' || tiles || ' tiles' FROM datasets WHERE datasets.id = reached.id)
      WHEN 'run' THEN (SELECT status FROM runs WHERE runs.id = reached.id)
      WHEN 'model' THEN (SELECT name FROM models WHERE models.id = reached.id)
      ELSE (SELECT 'on ' || split || ': ' || metrics FROM evaluations
            WHERE evaluations.id = CAST(reached.id AS INTEGER))
    END
  FROM reached ORDER BY distance, kind, id)sql";

constexpr const char* kCameOf = R"sql(
  WITH RECURSIVE up (kind, id) AS (
    VALUES ('model', ?1) UNION
    SELECT from_kind, from_id FROM up JOIN edges ON to_kind = kind AND to_id = id)
  SELECT 1 FROM up WHERE kind = 'run' AND id = ?2)sql";

}  // namespace

bool SqliteRegistry::came_of(const std::string& model_id, const std::string& run_id) const {
  bool found = false;
  session_.run(kCameOf, {model_id, run_id}, [&](const Row&) { found = true; });
  return found;
}

Lineage SqliteRegistry::lineage(const std::string& ref) const {
  std::vector<std::pair<const char*, std::string>> found;
  if (const auto model = find_model(ref)) found.emplace_back("model", model->id);
  if (const auto run = find_run(ref)) found.emplace_back("run", run->id);
  if (const auto dataset = find_dataset(ref)) found.emplace_back("dataset", dataset->id);
  if (found.empty())
    throw Error(Fault::NotFound, "'" + ref + "' is no model, run or dataset of the registry");
  require(found.size() == 1, [&] {
    return "'" + ref + "' is a " + found[0].first + " and a " + found[1].first + "; give an id";
  });
  Lineage lineage;
  std::set<std::pair<std::string, std::string>> inside;
  std::lock_guard lock(mutex_);
  session_.run(kWalk, {found[0].first, found[0].second}, [&](const Row& row) {
    lineage.nodes.push_back(
        {row.text(0), row.text(1), row.text(3), static_cast<int>(row.whole(2))});
    inside.emplace(row.text(0), row.text(1));
  });
  for (const auto& [kind, id] : inside)
    session_.run(
        "SELECT to_kind, to_id FROM edges WHERE from_kind = ? AND from_id = ? ORDER BY to_kind, "
        "to_id",
        {kind, id},
        [&](const Row& row) {
          if (inside.count({row.text(0), row.text(1)}))
            lineage.edges.push_back({kind, id, row.text(0), row.text(1)});
        });
  return lineage;
}

}  // namespace canopy
