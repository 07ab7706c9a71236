// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <future>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "catalog/catalog_views.h"
#include "catalog/croissant.h"
#include "catalog/dataset_views.h"
#include "catalog/duckdb_session.h"
#include "catalog/snapshot.h"
#include "catalog/snapshot_query.h"
#include "catalog/split_rule.h"

// How `create_snapshot` makes a dataset:
//
//  1. the engine opens the parts that are there now and is locked down to them and to one temporary
//  file;
//  2. the user's query is checked by itself, so that messages point into the user's text;
//  3. one COPY writes the answer, ordered by tile_id, while another thread hashes the catalog's
//  parts;
//  4. what was written is looked over: each tile once, with a file, a split and a weight;
//  5. its hash is the id, so only now the folder has a name. The part moves in, dataset.json is the
//  commit.

namespace canopy {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string now_utc() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const std::time_t seconds = system_clock::to_time_t(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32], out[48];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  const auto micros = duration_cast<microseconds>(now.time_since_epoch()).count() % 1000000;
  std::snprintf(out, sizeof out, "%s.%06lldZ", text, static_cast<long long>(micros));
  return out;
}

Json hash_of_parts(const std::vector<CatalogPart>& parts) {
  Json list = Json::array();
  for (const CatalogPart& part : parts)
    list.push_back(
        {{"uri", part.name}, {"bytes", part.bytes}, {"sha256", sha256_of_file(part.path)}});
  return list;
}

/// A dataset on its way: the engine, and the temporary file that it fills.
class Builder {
 public:
  Builder(const Catalog& catalog, const SnapshotOptions& options, const fs::path& datasets_folder)
      : options_(options),
        datasets_(datasets_folder),
        scratch_(datasets_folder / (options.name + ".parquet")),
        spill_(datasets_folder / (options.name + ".spill")),
        parts_(catalog.parts()),
        scores_(catalog.score_parts()),
        session_({.threads = options.threads,
                  .memory_mb = options.memory_mb,
                  .timeout_s = 0,
                  .spill_folder = fs::absolute(spill_.path())}) {
    std::vector<fs::path> tiles, scores;
    for (const CatalogPart& part : parts_) tiles.push_back(part.path);
    for (const CatalogPart& part : scores_) scores.push_back(part.path);
    make_views(session_, tiles, scores);
    tiles.insert(tiles.end(), scores.begin(), scores.end());
    query_ = user_query(options_);
    for (const Snapshot& snapshot : make_dataset_views(session_, query_, datasets_)) {
      const std::vector<fs::path> files = snapshot.parts();
      tiles.insert(tiles.end(), files.begin(), files.end());
      from_datasets_.push_back(snapshot.name + "-" + snapshot.id);
    }
    tiles.push_back(file());
    session_.lock_down(tiles);
  }

  CreatedSnapshot build();
  /// Whether the parts that are asked are still there.
  bool is_whole() const {
    return std::all_of(parts_.begin(), parts_.end(), [](const CatalogPart& part) {
      return fs::exists(part.path);
    });
  }

 private:
  fs::path file() const { return fs::absolute(scratch_.path()); }
  std::string written() const { return "read_parquet(" + sql_list({file()}) + ")"; }
  void select();
  void look_over();
  Json counts();
  Json manifest(const Json& catalog_parts, const std::string& sha256, const std::string& id);
  void commit(const fs::path& folder, Json manifest);

  const SnapshotOptions& options_;
  fs::path datasets_;
  AtomicFile scratch_, spill_;
  std::vector<CatalogPart> parts_, scores_;
  Json from_datasets_ = Json::array();
  DuckdbSession session_;
  std::string query_, sql_;
  bool taken_split_ = false;  ///< the query itself says the splits
};

void Builder::select() {
  try {
    const auto columns = session_.check_select(query_);
    session_.execute("CREATE TEMP VIEW selected AS " + query_);
    sql_ = dataset_query(columns, options_);
    taken_split_ = std::any_of(
        columns.begin(), columns.end(), [](const auto& c) { return c.name == "split"; });
    session_.execute(
        "COPY (" + sql_ + ") TO " + sql_text(file().string()) +
        " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880, "
        "USE_TMP_FILE false)");
  } catch (const Error& error) {
    throw add_context("dataset '" + options_.name + "'", error);
  }
}

void Builder::look_over() {
  const auto first = [&](const std::string& sql) {
    const ResultTable table = session_.query(sql + " LIMIT 1");
    return table.rows.empty() ? std::string() : to_text(table.rows[0][0]);
  };
  const std::string without_file = "uri IS NULL OR bytes IS NULL",
                    without_split = "split IS NULL OR split = ''",
                    odd_weight = "weight IS NULL OR NOT isfinite(weight) OR weight < 0";
  // One look at all rows; only where one is wrong it is worth a second, to name it.
  const std::vector<Cell> found =
      session_
          .query("SELECT count(*), count(*) FILTER (tile_id IS NULL), count(*) FILTER (" +
                 without_file + "), count(*) FILTER (" + without_split + "), count(*) FILTER (" +
                 odd_weight + ") FROM " + written())
          .rows[0];
  const auto none = [&](std::size_t i) { return std::get<std::int64_t>(found[i]) == 0; };
  require(!none(0), [&] {
    return "dataset '" + options_.name + "': the query matches none of the " +
           first("SELECT count(*) FROM tiles") +
           " rows of the catalog; loosen it (canopy catalog sql shows what is there)";
  });
  require(none(1), [&] {
    return "dataset '" + options_.name + "': the query gives rows whose tile_id is NULL";
  });
  const auto refuse = [&](std::size_t i, const std::string& condition, const std::string& what) {
    require(none(i), [&] {
      return "dataset '" + options_.name + "': tile " +
             first("SELECT tile_id FROM " + written() + " WHERE " + condition) + " " + what;
    });
  };
  refuse(2, without_file, "is not in the catalog; select tile_ids of `examples` or `tiles`");
  refuse(3, without_split, "has no split; give every row one, or leave the column out");
  refuse(4, odd_weight, "has a weight that is not a finite number from 0");
  // The view `examples` holds each tile once; another query may not.
  if (options_.sql.empty()) return;
  const std::string twice = first("SELECT tile_id FROM " + written() +
                                  " GROUP BY tile_id HAVING count(*) > 1 ORDER BY tile_id");
  require(twice.empty(), [&] {
    return "dataset '" + options_.name + "': the query gives tile " + twice +
           " more than once; select from `examples`, or DISTINCT";
  });
}

Json Builder::counts() {
  Json counts = {{"tiles", 0}, {"bytes", 0}, {"splits", Json::object()}};
  std::int64_t tiles = 0, bytes = 0;
  session_.for_each_row(
      "SELECT split, count(*), sum(bytes) FROM " + written() + " GROUP BY split ORDER BY split",
      [&](const std::vector<Cell>& row) {
        const auto n = std::get<std::int64_t>(row[1]), size = std::get<std::int64_t>(row[2]);
        counts["splits"][to_text(row[0])] = {{"tiles", n}, {"bytes", size}};
        tiles += n;
        bytes += size;
        return true;
      });
  counts["tiles"] = tiles;
  counts["bytes"] = bytes;
  const auto columns = session_.check_select("SELECT * FROM " + written());
  for (const char* column : {"orchard", "survey_id", "source_sha256"}) {
    if (std::none_of(
            columns.begin(), columns.end(), [&](const auto& c) { return c.name == column; }))
      continue;
    counts[std::string("distinct_") + column] = std::get<std::int64_t>(
        session_.query("SELECT count(DISTINCT " + std::string(column) + ") FROM " + written())
            .rows[0][0]);
  }
  return counts;
}

Json Builder::manifest(const Json& catalog_parts,
                       const std::string& sha256,
                       const std::string& id) {
  Json columns = Json::array();
  for (const auto& column : session_.check_select("SELECT * FROM " + written()))
    columns.push_back({{"name", column.name}, {"type", column.type}});
  Json manifest = {{"schema", 1},
                   {"name", options_.name},
                   {"id", id},
                   {"created_at", now_utc()},
                   {"engine", {{"name", "duckdb"}, {"version", DuckdbSession::version()}}},
                   {"query", query_},
                   {"sql", sql_},
                   {"split_by", options_.split_by},
                   {"split", options_.split},
                   {"counts", counts()},
                   {"columns", columns}};
  manifest["parts"] = Json::array({{{"uri", "part-0.parquet"},
                                    {"bytes", static_cast<std::int64_t>(fs::file_size(file()))},
                                    {"sha256", sha256},
                                    {"rows", manifest["counts"]["tiles"]}}});
  manifest["catalog_parts"] = catalog_parts;
  if (!from_datasets_.empty()) manifest["from_datasets"] = from_datasets_;
  return manifest;
}

/// A split that was asked for and is empty is worth a word; without training tiles it is worth a
/// stop.
std::vector<std::string> notes_on_splits(const SnapshotOptions& options, const Json& counts) {
  std::vector<std::string> notes;
  const SplitRule rule(options.split);
  for (const std::string& name : rule.names()) {
    if (counts.at("splits").contains(name)) continue;
    const std::string what = "split '" + name + "' is empty: no " + options.split_by +
                             " of these " + std::to_string(counts.at("tiles").get<std::int64_t>()) +
                             " tiles falls into it";
    require(name != "train", [&] {
      return what +
             "; split by another column (split-by=tile_key divides one mosaic), or ask for other "
             "shares "
             "(split=test=100 makes a set for evaluation alone)";
    });
    notes.push_back(what);
  }
  return notes;
}

void Builder::commit(const fs::path& folder, Json manifest) {
  AtomicFile part(folder / "part-0.parquet");
  fs::rename(scratch_.path(), part.path());
  part.commit();
  const std::string croissant = croissant_of(manifest).dump(2) + "\n";
  write_file(folder / "croissant.json", croissant);
  manifest["files"] = Json::array({{{"uri", "croissant.json"}, {"sha256", sha256_hex(croissant)}}});
  write_file(folder / "dataset.json", manifest.dump(2) + "\n", AtomicFile::Existing::Keep);
  sync_folder(datasets_);
}

CreatedSnapshot Builder::build() {
  auto catalog_parts = std::async(std::launch::async, [this] {
    std::vector<CatalogPart> all = parts_;
    all.insert(all.end(), scores_.begin(), scores_.end());
    return hash_of_parts(all);
  });
  select();
  look_over();
  auto sha256 = std::async(std::launch::async, [this] { return sha256_of_file(file()); });
  const std::string id = dataset_id({file()}, query_);
  Json made = manifest(catalog_parts.get(), sha256.get(), id);
  CreatedSnapshot created;
  if (!taken_split_) created.notes = notes_on_splits(options_, made.at("counts"));

  const fs::path folder = datasets_ / Snapshot{{}, options_.name, id, {}}.ref();
  created.reused = fs::exists(folder / "dataset.json");
  if (!created.reused) commit(folder, std::move(made));
  created.snapshot = load_snapshot(folder.filename().string(), datasets_);
  if (created.snapshot.id != id)
    throw Error(Fault::Conflict,
                folder.string() + ": is another dataset; give this one another name");
  if (created.reused) {
    const std::vector<std::string> problems = verify_snapshot(created.snapshot);
    if (!problems.empty())
      throw Error(Fault::Environment,
                  folder.string() + ": is damaged (" + problems.front() +
                      "); remove the folder and make the dataset again");
    const std::string newest = load_snapshot(options_.name, datasets_).ref();
    if (newest != created.snapshot.ref())
      created.notes.push_back("the name '" + options_.name + "' alone means " + newest +
                              ", which is newer; call this one " + created.snapshot.ref());
  }
  return created;
}

}  // namespace

void SnapshotOptions::validate() const {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  };
  require(!name.empty() && name.size() <= 100 && name.front() != '.' && name.front() != '-' &&
              std::all_of(name.begin(), name.end(), plain),
          [&] { return "dataset name '" + name + "': use letters, digits, '-', '_' and '.'"; });
  require(where.empty() || sql.empty(), "give either where or sql, not both");
  require(columns.empty() || sql.empty(), "columns belong to where; with sql, select them there");
  require(threads >= 0, "threads must not be negative");
  require(memory_mb >= 0, "memory-mb must not be negative");
  (void)SplitRule(split);
}

CreatedSnapshot create_snapshot(const Catalog& catalog,
                                const SnapshotOptions& options,
                                const fs::path& datasets_folder) {
  options.validate();
  std::error_code code;
  fs::create_directories(datasets_folder, code);
  if (code) throw Error(Fault::Environment, datasets_folder.string() + ": " + code.message());
  // A compaction may delete a part before it was asked; its rows stand elsewhere then.
  for (int attempt = 1;; ++attempt) {
    Builder builder(catalog, options, fs::canonical(datasets_folder));
    try {
      return builder.build();
    } catch (const Error&) {
      if (builder.is_whole() || attempt == 5) throw;
    }
  }
}

}  // namespace canopy
