// SPDX-License-Identifier: Apache-2.0
#include "catalog/dataset_views.h"

#include <algorithm>
#include <cctype>

namespace canopy {
namespace {

/// SQL names are the same in any case.
std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

}  // namespace

std::vector<Snapshot> make_dataset_views(DuckdbSession& session,
                                         const std::string& sql,
                                         const std::filesystem::path& datasets_folder) {
  const std::string text = lower(sql);
  if (text.find("datasets") == std::string::npos) return {};
  session.execute("CREATE SCHEMA datasets");
  std::vector<Snapshot> meant;
  // Oldest first, so that of one name the newest stands.
  for (Snapshot& snapshot : list_snapshots(datasets_folder)) {
    if (text.find(lower(snapshot.name)) == std::string::npos) continue;
    for (const std::string& name : {snapshot.name, snapshot.ref()})
      session.execute("CREATE OR REPLACE VIEW datasets." + sql_name(name) +
                      " AS SELECT * FROM read_parquet(" + sql_list(snapshot.parts()) + ")");
    meant.push_back(std::move(snapshot));
  }
  return meant;
}

}  // namespace canopy
