// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <future>
#include <memory>
#include <optional>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/nearest.h"
#include "catalog/catalog_engine.h"
#include "catalog/croissant.h"
#include "catalog/duckdb_session.h"
#include "catalog/one_select.h"
#include "catalog/snapshot.h"
#include "catalog/snapshot_query.h"
#include "catalog/split_rule.h"

// How `create_snapshot` makes a dataset:
//
//  1. the catalog's engine (catalog/catalog_engine.h) holds the rows of this moment;
//  2. the user's query is checked by itself, so that messages point into the user's text;
//  3. the engine writes the answer, ordered by tile_id, to a temporary file, while another thread
//  hashes what the catalog holds;
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

/// A dataset on its way: the rows that an engine holds, and the temporary files that it fills.
class Builder {
 public:
  Builder(const Catalog& catalog, const SnapshotOptions& options, const fs::path& datasets_folder)
      : options_(options),
        datasets_(datasets_folder),
        spill_(datasets_folder / (options.name + ".spill")),
        source_(catalog.engine().hold(options,
                                      {.spill = fs::absolute(spill_.path()),
                                       .datasets = datasets_folder,
                                       .new_file = [this] { return new_file(); }})) {}

  CreatedSnapshot build();
  /// Whether what is asked is still there.
  bool is_whole() const { return source_->is_whole(); }

 private:
  fs::path new_file() {
    files_.push_back(std::make_unique<AtomicFile>(datasets_ / (options_.name + ".parquet")));
    return fs::absolute(files_.back()->path());
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> paths;
    for (const auto& file : files_) paths.push_back(fs::absolute(file->path()));
    return paths;
  }
  std::string written() const { return "read_parquet(" + sql_list(files()) + ")"; }
  void select();
  void look_over();
  Json counts();
  Json parts();
  Json manifest(const Json& catalog_parts, const Json& parts, const std::string& id);
  void commit(const fs::path& folder, Json manifest);

  const SnapshotOptions& options_;
  fs::path datasets_;
  AtomicFile spill_;
  std::vector<std::unique_ptr<AtomicFile>> files_;
  std::unique_ptr<SnapshotSource> source_;
  std::optional<DuckdbSession> session_;  ///< over what was written
  std::string query_, sql_;
  bool taken_split_ = false;  ///< the query itself says the splits
};

void Builder::select() {
  query_ = user_query(options_);
  try {
    if (!options_.columns.empty())
      require_columns(options_, source_->check_select("SELECT * FROM examples"));
    const auto columns = source_->check_select(query_);
    taken_split_ = std::any_of(
        columns.begin(), columns.end(), [](const auto& c) { return c.name == "split"; });
    sql_ = source_->write(query_, columns);
  } catch (const Error& error) {
    throw add_context("dataset '" + options_.name + "'", in_own_text(error, options_));
  }
  session_.emplace(SessionSettings{.threads = options_.threads,
                                   .memory_mb = options_.memory_mb,
                                   .timeout_s = 0,
                                   .spill_folder = fs::absolute(spill_.path())});
  session_->lock_down(files());
}

void Builder::look_over() {
  const auto first = [&](const std::string& sql) {
    const ResultTable table = session_->query(sql + " LIMIT 1");
    return table.rows.empty() ? std::string() : to_text(table.rows[0][0]);
  };
  const std::string without_file = "uri IS NULL OR bytes IS NULL",
                    without_split = "split IS NULL OR split = ''",
                    odd_weight = "weight IS NULL OR NOT isfinite(weight) OR weight < 0";
  // One look at all rows; only where one is wrong it is worth a second, to name it.
  const std::vector<Cell> found =
      session_
          ->query("SELECT count(*), count(*) FILTER (tile_id IS NULL), count(*) FILTER (" +
                  without_file + "), count(*) FILTER (" + without_split + "), count(*) FILTER (" +
                  odd_weight + ") FROM " + written())
          .rows[0];
  const auto none = [&](std::size_t i) { return std::get<std::int64_t>(found[i]) == 0; };
  require(!none(0), [&] {
    return "dataset '" + options_.name + "': the query matches none of the " +
           std::to_string(source_->row_count()) +
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
  session_->for_each_row(
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
  const auto columns = session_->check_select("SELECT * FROM " + written());
  for (const char* column : {"orchard", "survey_id", "source_sha256"}) {
    if (std::none_of(
            columns.begin(), columns.end(), [&](const auto& c) { return c.name == column; }))
      continue;
    counts[std::string("distinct_") + column] = std::get<std::int64_t>(
        session_->query("SELECT count(DISTINCT " + std::string(column) + ") FROM " + written())
            .rows[0][0]);
  }
  return counts;
}

Json Builder::parts() {
  Json list = Json::array();
  const std::vector<std::string> origins = source_->origins();
  for (const fs::path& path : files()) {
    const ResultTable rows =
        session_->query("SELECT count(*) FROM read_parquet(" + sql_list({path}) + ")");
    Json part = {{"uri", "part-" + std::to_string(list.size()) + ".parquet"},
                 {"bytes", static_cast<std::int64_t>(fs::file_size(path))},
                 {"sha256", sha256_of_file(path)},
                 {"rows", std::get<std::int64_t>(rows.rows[0][0])}};
    if (!origins.empty()) part["unloaded_to"] = origins.at(list.size());
    list.push_back(std::move(part));
  }
  return list;
}

Json Builder::manifest(const Json& catalog_parts, const Json& parts, const std::string& id) {
  Json columns = Json::array();
  for (const auto& column : session_->check_select("SELECT * FROM " + written()))
    columns.push_back({{"name", column.name}, {"type", column.type}});
  Json manifest = {{"schema", 1},
                   {"name", options_.name},
                   {"id", id},
                   {"created_at", now_utc()},
                   {"engine", source_->engine()},
                   {"query", query_},
                   {"sql", sql_},
                   {"split_by", options_.split_by},
                   {"split", options_.split},
                   {"counts", counts()},
                   {"columns", columns}};
  manifest["parts"] = parts;
  manifest["catalog_parts"] = catalog_parts;
  if (const auto datasets = source_->from_datasets(); !datasets.empty())
    manifest["from_datasets"] = datasets;
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

/// Of splits that the query gives itself: one that looks misspelt is worth a stop, others are worth
/// a word. 'test2' is no slip.
std::vector<std::string> notes_on_own_splits(const SnapshotOptions& options, const Json& counts) {
  std::string others;
  int count = 0;
  for (const auto& [name, ignored] : counts.at("splits").items()) {
    if (is_split_name(name)) continue;
    const std::optional<std::string> near = nearest(name, split_names());
    require(!near || name.starts_with(*near) || counts.at("splits").contains(*near), [&] {
      return "dataset '" + options.name + "': the query's column split holds '" + name +
             "', none of train, val, test; did you mean '" + *near + "'?";
    });
    others += (others.empty() ? "'" : ", '") + name + "'";
    ++count;
  }
  if (count == 0) return {};
  return {(count == 1 ? "split " + others + " is" : "splits " + others + " are") +
          " none of train, val, test: training leaves their tiles out"};
}

void Builder::commit(const fs::path& folder, Json manifest) {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    AtomicFile part(folder / manifest.at("parts").at(i).at("uri").get<std::string>());
    fs::rename(files_[i]->path(), part.path());
    part.commit();
  }
  const std::string croissant = croissant_of(manifest).dump(2) + "\n";
  write_file(folder / "croissant.json", croissant);
  manifest["files"] = Json::array({{{"uri", "croissant.json"}, {"sha256", sha256_hex(croissant)}}});
  write_file(folder / "dataset.json", manifest.dump(2) + "\n", AtomicFile::Existing::Keep);
  sync_folder(datasets_);
}

/// Throws Conflict when the dataset is there under another name: it is found by its id, and the
/// registry knows it once.
void require_one_name(const fs::path& datasets, const fs::path& folder, const std::string& id) {
  for (const fs::directory_entry& entry : fs::directory_iterator(datasets)) {
    const std::string other = entry.path().filename().string();
    if (!other.ends_with("-" + id.substr(0, 12)) || other == folder.filename() ||
        !fs::exists(entry.path() / "dataset.json"))
      continue;
    throw Error(Fault::Conflict,
                "these tiles by this query are the dataset '" + other +
                    "' already; use that name, or remove its folder first");
  }
}

CreatedSnapshot Builder::build() {
  auto catalog_parts = std::async(std::launch::async, [this] { return source_->parts(); });
  select();
  look_over();
  auto id_of_parts = std::async(std::launch::async, [this] { return dataset_id(files(), query_); });
  const Json list = parts();
  const std::string id = id_of_parts.get();
  Json made = manifest(catalog_parts.get(), list, id);
  CreatedSnapshot created;
  created.notes =
      (taken_split_ ? notes_on_own_splits : notes_on_splits)(options_, made.at("counts"));

  const fs::path folder = datasets_ / Snapshot{{}, options_.name, id, {}}.ref();
  require_one_name(datasets_, folder, id);
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
  require_condition(where);
  require(threads >= 0, "threads must not be negative");
  require(memory_mb >= 0, "memory-mb must not be negative");
  require(timeout_s >= 0, "timeout-s must not be negative");
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
