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

/// Of these parts, each of which must have one.
Lists read_lists(const std::vector<CatalogPart>& merged) {
  if (merged.empty()) return {};
  std::vector<std::filesystem::path> paths;
  for (const CatalogPart& part : merged) paths.push_back(part.path);
  std::map<std::string, std::string> texts;
  DuckdbSession session({.threads = 1});
  session.for_each_row("SELECT file_name, decode(value) FROM parquet_kv_metadata(" +
                           sql_list(paths) + ") WHERE decode(key) = 'canopy_replaces'",
                       [&](const std::vector<Cell>& row) {
                         texts[to_text(row[0])] = to_text(row[1]);
                         return true;
                       });
  Lists lists;
  for (const CatalogPart& part : merged) {
    const auto list = nlohmann::json::parse(texts[part.path.string()], nullptr, false);
    require(list.is_array(), [&] {
      return part.path.string() +
             ": does not say what it replaces; move it out of the catalog and rebuild it (canopy "
             "catalog rebuild)";
    });
    lists[part.name] = list.get<std::vector<std::string>>();
  }
  return lists;
}

Lists lists_of(const std::vector<CatalogPart>& on_disk) {
  std::vector<CatalogPart> merged;
  for (const CatalogPart& part : on_disk)
    if (is_merged(part.name)) merged.push_back(part);
  try {
    return read_lists(merged);
  } catch (const Error&) {
    for (const CatalogPart& part : merged)
      if (!std::filesystem::exists(part.path)) throw PartIsGone{};
    throw;
  }
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
  return read_lists({merged}).at(merged.name);
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
