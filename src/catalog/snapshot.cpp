// SPDX-License-Identifier: Apache-2.0
#include "catalog/snapshot.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <string_view>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/nearest.h"
#include "catalog/duckdb_session.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kShortId = 12;

Snapshot read_snapshot(const fs::path& folder) {
  const fs::path path = folder / "dataset.json";
  if (!fs::exists(path))
    throw Error(Fault::NotFound, folder.string() + ": holds no dataset.json, so it is no dataset");
  Snapshot snapshot{.folder = folder, .name = {}, .id = {}, .manifest = {}};
  try {
    snapshot.manifest = Json::parse(read_file(path));
    snapshot.name = snapshot.manifest.at("name");
    snapshot.id = snapshot.manifest.at("id");
    require(snapshot.manifest.at("schema") == 1 && snapshot.id.size() == 64,
            "of a version that is not known here");
    for (const char* key : {"created_at", "query", "sql"})
      (void)snapshot.manifest.at(key).get_ref<const std::string&>();
    for (const Json& part : snapshot.manifest.at("parts")) {
      const std::string uri = part.at("uri");
      require(!uri.empty() && uri.find('/') == std::string::npos && uri != "..",
              "part '" + uri + "' lies elsewhere");
      (void)part.at("sha256").get_ref<const std::string&>();
      (void)part.at("bytes").get<std::int64_t>();
    }
    (void)snapshot.tile_count();
  } catch (const nlohmann::json::exception& error) {
    throw Error(Fault::User,
                path.string() + ": is damaged (" + error.what() + "); make the dataset anew");
  } catch (const Error& error) {
    throw add_context(path.string(), error);
  }
  return snapshot;
}

bool begins_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

std::string rows_in_parts(const Snapshot& snapshot) {
  DuckdbSession session;
  return to_text(
      session.query("SELECT count(*) FROM read_parquet(" + sql_list(snapshot.parts()) + ")")
          .rows[0][0]);
}

void verify_parts(const Snapshot& snapshot, std::vector<std::string>& problems) {
  bool whole = true;
  std::set<std::string> named;
  for (const Json& part : snapshot.manifest.at("parts")) {
    const std::string uri = part.at("uri");
    const fs::path path = snapshot.folder / uri;
    named.insert(uri);
    whole = whole && fs::is_regular_file(path);
    if (!fs::is_regular_file(path)) {
      problems.push_back(uri + ": is missing");
      continue;
    }
    const auto size = static_cast<std::int64_t>(fs::file_size(path));
    const auto expected = part.at("bytes").get<std::int64_t>();
    if (size != expected)
      problems.push_back(uri + ": has " + std::to_string(size) + " bytes, the manifest says " +
                         std::to_string(expected));
    if (sha256_of_file(path) != part.at("sha256").get<std::string>())
      problems.push_back(uri + ": its bytes are not those that were written (SHA-256 differs)");
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(snapshot.folder))
    if (entry.path().extension() == ".parquet" && !is_temporary(entry.path()) &&
        named.count(entry.path().filename().string()) == 0)
      problems.push_back(entry.path().filename().string() + ": is not named by the manifest");
  if (!whole) return;
  if (dataset_id(snapshot.parts(), snapshot.manifest.at("query")) != snapshot.id)
    problems.push_back("dataset.json: the id does not follow from the parts and the query");
  if (!problems.empty()) return;
  const std::string rows = rows_in_parts(snapshot);
  if (rows != std::to_string(snapshot.tile_count()))
    problems.push_back("dataset.json: says " + std::to_string(snapshot.tile_count()) +
                       " tiles, the parts hold " + rows);
}

}  // namespace

std::vector<fs::path> Snapshot::parts() const {
  std::vector<fs::path> paths;
  for (const Json& part : manifest.at("parts"))
    paths.push_back(folder / part.at("uri").get<std::string>());
  return paths;
}

std::int64_t Snapshot::tile_count() const { return manifest.at("counts").at("tiles"); }

std::vector<Snapshot> list_snapshots(const fs::path& datasets_folder) {
  std::vector<Snapshot> found;
  if (!fs::is_directory(datasets_folder)) return found;
  for (const fs::directory_entry& entry : fs::directory_iterator(datasets_folder))
    if (fs::exists(entry.path() / "dataset.json")) found.push_back(read_snapshot(entry.path()));
  std::sort(found.begin(), found.end(), [](const Snapshot& a, const Snapshot& b) {
    const std::string &first = a.manifest.at("created_at").get_ref<const std::string&>(),
                      &second = b.manifest.at("created_at").get_ref<const std::string&>();
    return first != second ? first < second : a.ref() < b.ref();
  });
  return found;
}

Snapshot load_snapshot(const std::string& ref, const fs::path& datasets_folder) {
  require(!ref.empty(), "no dataset is named; give its name, its id or its folder");
  const fs::path path(ref);
  if (path.filename() == "dataset.json" && fs::exists(path))
    return read_snapshot(path.has_parent_path() ? path.parent_path() : fs::path("."));
  if (ref.find('/') != std::string::npos && fs::is_directory(path)) return read_snapshot(path);
  if (ref.find('/') == std::string::npos && fs::exists(datasets_folder / ref / "dataset.json"))
    return read_snapshot(datasets_folder / ref);
  const std::vector<Snapshot> all = list_snapshots(datasets_folder);
  std::vector<std::string> names;
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    if (it->name == ref || (ref.size() >= kShortId && begins_with(it->id, ref))) return *it;
    names.push_back(it->name);
  }
  throw Error(Fault::NotFound,
              "dataset '" + ref + "' is not in " + datasets_folder.string() +
                  suggestion(ref, names) + " (canopy dataset list shows them)");
}

std::vector<std::string> verify_snapshot(const Snapshot& snapshot,
                                         const std::string& expected_manifest) {
  std::vector<std::string> problems;
  verify_parts(snapshot, problems);
  for (const Json& file : snapshot.manifest.value("files", Json::array())) {
    const std::string uri = file.at("uri");
    if (!fs::is_regular_file(snapshot.folder / uri))
      problems.push_back(uri + ": is missing");
    else if (sha256_of_file(snapshot.folder / uri) != file.at("sha256").get<std::string>())
      problems.push_back(uri + ": its bytes are not those that were written (SHA-256 differs)");
  }
  if (!expected_manifest.empty() && manifest_sha256(snapshot) != expected_manifest)
    problems.push_back(
        "dataset.json: is not the manifest that the registry knows (SHA-256 differs)");
  return problems;
}

std::string dataset_id(const std::vector<fs::path>& parts, const std::string& query) {
  Sha256 id;
  std::vector<char> piece(std::size_t{1} << 20);
  for (const fs::path& path : parts) {
    std::ifstream file(path, std::ios::binary);
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
      id.update(std::string_view(piece.data(), static_cast<std::size_t>(file.gcount())));
    if (!file.eof()) throw Error(Fault::Environment, path.string() + ": cannot be read");
  }
  return id.update(query).hex();
}

std::string manifest_sha256(const Snapshot& snapshot) {
  return sha256_of_file(snapshot.folder / "dataset.json");
}

}  // namespace canopy
