// SPDX-License-Identifier: Apache-2.0
#include "catalog/merged_parts.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "catalog/duckdb_session.h"

namespace canopy {
namespace {

using Lists = std::map<std::string, std::vector<std::string>>;

Lists lists_of(const std::vector<CatalogPart>& on_disk) {
  Lists lists;
  for (const CatalogPart& part : on_disk) {
    if (!is_merged(part.name)) continue;
    try {
      lists[part.name] = replaced_by(part);
    } catch (const Error&) {
      if (!std::filesystem::exists(part.path)) throw PartIsGone{};
      throw;
    }
  }
  return lists;
}

/// Each part that does not count, with the merged part that stands for it.
std::map<std::string, std::string> replacements(const Lists& lists) {
  std::map<std::string, std::string> by;
  const auto is_replaced = [&](const std::string& name) {
    return std::any_of(lists.begin(), lists.end(), [&](const auto& other) {
      return std::find(other.second.begin(), other.second.end(), name) != other.second.end();
    });
  };
  for (const auto& [name, list] : lists) {
    if (is_replaced(name)) continue;
    for (const std::string& part : list) {
      const auto [at, is_new] = by.emplace(part, name);
      if (!is_new)
        throw Error(Fault::Conflict,
                    at->second + " and " + name + " both hold the rows of " + part +
                        "; move one of them out of the catalog and rebuild it (canopy catalog "
                        "rebuild)");
    }
  }
  return by;
}

}  // namespace

bool is_merged(const std::string& part_name) { return part_name.starts_with("tiles/compacted+"); }

std::vector<std::string> replaced_by(const CatalogPart& merged) {
  DuckdbSession session({.threads = 1});
  const ResultTable table =
      session.query("SELECT decode(value) FROM parquet_kv_metadata(" + sql_list({merged.path}) +
                    ") WHERE decode(key) = 'canopy_replaces'");
  require(table.rows.size() == 1, [&] {
    return merged.path.string() + ": does not say what it replaces; move it out of the catalog";
  });
  const auto list = nlohmann::json::parse(to_text(table.rows[0][0]), nullptr, false);
  require(list.is_array(),
          [&] { return merged.path.string() + ": what it replaces cannot be read; rebuild"; });
  return list.get<std::vector<std::string>>();
}

PartsByStanding by_standing(std::vector<CatalogPart> on_disk) {
  const auto by = replacements(lists_of(on_disk));
  PartsByStanding parts;
  for (CatalogPart& part : on_disk) {
    const auto at = by.find(part.name);
    if (at == by.end())
      parts.standing.push_back(std::move(part));
    else
      parts.replaced.push_back({part, part.path.parent_path().parent_path() / at->second});
  }
  return parts;
}

std::optional<CatalogPart> merged_part_of(const std::vector<CatalogPart>& on_disk,
                                          const std::string& name) {
  const auto by = replacements(lists_of(on_disk));
  const auto at = by.find(name);
  if (at == by.end()) return std::nullopt;
  return *std::find_if(on_disk.begin(), on_disk.end(), [&](const CatalogPart& part) {
    return part.name == at->second;
  });
}

}  // namespace canopy
