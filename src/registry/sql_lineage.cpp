// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "registry/sql_registry.h"

// Lineage in one statement: two walks over the table `edges`, upward and downward from what was
// asked, then the edges that leave what they reached. UNION drops what was seen before, so shared
// ancestors cost nothing; what is reached by two ways keeps the shorter distance. Order is made
// here, for databases compare texts by the rules of their own place.

namespace canopy {
namespace {

using Row = SqlSession::Row;

constexpr const char* kWalk = R"sql(
  WITH RECURSIVE
    up (kind, id, distance) AS (
      VALUES ($1, $2, 0) UNION
      SELECT from_kind, from_id, distance - 1 FROM up JOIN edges ON to_kind = kind AND to_id = id),
    down (kind, id, distance) AS (
      VALUES ($1, $2, 0) UNION
      SELECT to_kind, to_id, distance + 1 FROM down JOIN edges ON from_kind = kind AND from_id = id),
    reached AS MATERIALIZED (
      SELECT kind, id, max(distance) AS distance FROM up GROUP BY kind, id UNION
      SELECT kind, id, min(distance) FROM down GROUP BY kind, id)
  SELECT kind, id, distance,
    CASE kind
      WHEN 'query' THEN (SELECT text FROM queries WHERE queries.id = reached.id)
      WHEN 'dataset' THEN (SELECT name || ': ' || tiles || ' tiles' FROM datasets WHERE datasets.id = reached.id)
      WHEN 'run' THEN (SELECT status FROM runs WHERE runs.id = reached.id)
      WHEN 'model' THEN (SELECT name FROM models WHERE models.id = reached.id)
      ELSE (SELECT 'on ' || split || ': ' || metrics FROM evaluations
            WHERE evaluations.id = CAST(reached.id AS BIGINT))
    END, '', ''
  FROM reached
  UNION ALL
  SELECT from_kind, from_id, 0, '', to_kind, to_id
  FROM reached JOIN edges ON from_kind = kind AND from_id = id)sql";

constexpr const char* kCameOf = R"sql(
  WITH RECURSIVE up (kind, id) AS (
    VALUES ($1, $2) UNION
    SELECT from_kind, from_id FROM up JOIN edges ON to_kind = kind AND to_id = id)
  SELECT 1 FROM up WHERE kind = $3 AND id = $4)sql";

}  // namespace

bool SqlRegistry::came_of(const char* kind,
                          const std::string& id,
                          const char* from_kind,
                          const std::string& from_id) const {
  bool found = false;
  session_->run(kCameOf, {kind, id, from_kind, from_id}, [&](const Row&) { found = true; });
  return found;
}

Lineage SqlRegistry::lineage(const std::string& ref) const {
  std::vector<std::pair<std::string, std::string>> found;
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
  {
    std::lock_guard lock(mutex_);
    session_->run(kWalk, {found[0].first, found[0].second}, [&](const Row& row) {
      if (row.text(4).empty()) {
        lineage.nodes.push_back(
            {row.text(0), row.text(1), row.text(3), static_cast<int>(row.whole(2))});
        inside.emplace(row.text(0), row.text(1));
      } else {
        lineage.edges.push_back({row.text(0), row.text(1), row.text(4), row.text(5)});
      }
    });
  }
  std::erase_if(lineage.edges, [&](const LineageEdge& edge) {
    return inside.count({edge.to_kind, edge.to_id}) == 0;
  });
  std::sort(lineage.nodes.begin(), lineage.nodes.end(), [](const auto& a, const auto& b) {
    return std::tie(a.distance, a.kind, a.id) < std::tie(b.distance, b.kind, b.id);
  });
  std::sort(lineage.edges.begin(), lineage.edges.end(), [](const auto& a, const auto& b) {
    return std::tie(a.from_kind, a.from_id, a.to_kind, a.to_id) <
           std::tie(b.from_kind, b.from_id, b.to_kind, b.to_id);
  });
  return lineage;
}

}  // namespace canopy
