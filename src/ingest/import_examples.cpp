// SPDX-License-Identifier: Apache-2.0
#include "ingest/import_examples.h"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <optional>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/nearest.h"
#include "base/options.h"
#include "base/tf_record.h"
#include "base/threads.h"
#include "base/utc.h"
#include "geo/crs.h"
#include "ingest/foreign_example.h"
#include "ingest/manifest.h"
#include "ingest/running_mark.h"
#include "ingest/source_uri.h"
#include "ingest/stored_tile.h"
#include "store/gzip.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMostBytes = std::size_t{4} << 30;  ///< of a file, unpacked

/// The options that an import shares with an ingest, checked by the same rules.
IngestOptions as_ingest(const ImportOptions& o) {
  IngestOptions same;
  same.unlabelled = true;
  same.captured_on = o.captured_on;
  if (o.gsd != 0) same.gsd = {o.gsd};
  same.split = o.split;
  same.label_revision = o.label_revision;
  same.threads = o.threads;
  same.meta = o.meta;
  return same;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string stem_of(const fs::path& file) {
  std::string name = file.filename().string();
  name = name.substr(0, std::min<std::size_t>(name.find('.'), 80));
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') c = '-';
  return name.empty() ? "examples" : name;
}

class Import {
 public:
  Import(const ImportOptions& options, BlobStore& store, Progress& progress)
      : options_(options), store_(store), progress_(progress) {
    options.validate();
    how_ = {options.bands, options.tree_names, options.gsd, {}};
    if (!options.crop.empty()) how_.tree_names.push_back(options.crop);
    for (const std::string& word : options.keys)
      how_.keys[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
    meta_ = as_ingest(options).meta_object();
    if (!options.split.empty()) meta_["split"] = options.split;
  }

  ImportReport run(const std::vector<fs::path>& files, const RowSink& sink) {
    require(!files.empty(), "no file is named");
    for (const fs::path& file : files)
      if (!fs::is_regular_file(file))
        throw Error(Fault::NotFound, file.string() + ": there is no such file");
    const RunningMark mark(store_, "ingest-import-" + sha256_hex(files[0].string()).substr(0, 12));
    require_no_collector(store_);
    survey_ = options_.survey.empty() ? stem_of(files[0]) : options_.survey;
    progress_.begin("import", std::ssize(files), "files");
    for (const fs::path& file : files) {
      take_file(file);
      progress_.update(++report_.files);
      if (interrupted()) throw Error(Fault::Conflict, "stopped; nothing was entered, run it again");
    }
    progress_.end();
    require(!rows_.empty(), [&] {
      return "no example could be read" +
             (report_.skipped.first.empty() ? std::string() : "; " + report_.skipped.first[0]);
    });
    commit(files, sink);
    return report_;
  }

 private:
  void take_file(const fs::path& file) {
    std::string bytes = read_file(file);
    try {
      if (bytes.starts_with("\x1f\x8b")) bytes = unpacked(bytes);
      std::vector<std::string_view> messages;
      if (is_tf_record(bytes)) {
        const bool is_whole = for_each_record(
            bytes, file.string(), [&](std::string_view message) { messages.push_back(message); });
        if (!is_whole) report_.skipped.add(file.string() + ": its last record is cut off");
      } else {
        messages.emplace_back(bytes);
      }
      take_messages(file, messages);
    } catch (const Error& error) {
      if (error.fault() != Fault::User) throw;
      report_.skipped.add(file.string() + ": " + error.what());
    }
  }

  static std::string unpacked(const std::string& bytes) {
    std::vector<std::uint8_t> out;
    gunzip({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, out, kMostBytes);
    return {out.begin(), out.end()};
  }

  void take_messages(const fs::path& file, const std::vector<std::string_view>& messages) {
    const int threads = options_.threads > 0 ? options_.threads : available_cores();
    parallel_for(std::ssize(messages), threads, [&](std::int64_t i) {
      const std::string_view message = messages[static_cast<std::size_t>(i)];
      const std::string name =
          messages.size() == 1 ? file.string() : file.string() + ", record " + std::to_string(i);
      try {
        take(file,
             name,
             read_foreign_example(
                 {reinterpret_cast<const std::uint8_t*>(message.data()), message.size()}, how_));
      } catch (const Error& error) {
        if (error.fault() == Fault::Bug || error.fault() == Fault::Environment) throw;
        const std::lock_guard lock(mutex_);
        report_.skipped.add(name + ": " + error.what());
      }
    });
  }

  void take(const fs::path& file, const std::string& name, const ForeignExample& found) {
    StoredTile tile = store_tile(store_, found.example);
    TileRow& row = tile.row;
    describe(file, found, row);
    const std::lock_guard lock(mutex_);
    for (const std::string& what : found.labels_skipped.first)
      report_.labels_skipped.add(name + ": " + what);
    report_.objects += std::ssize(found.example.objects);
    ++(tile.is_new ? report_.tiles_written : report_.tiles_kept);
    report_.tiles_twice += !rows_.emplace(row.tile_id, std::move(row)).second;
  }

  void describe(const fs::path& file, const ForeignExample& found, TileRow& row) const {
    constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
    row.survey_id = survey_;
    row.source_uri = source_uri(file, options_.home);
    row.source_sha256 = found.source_sha256;
    row.label_kind = name_of(found.example.kind);
    row.labeller = options_.labeller;
    row.label_revision = options_.label_revision;
    row.farm = options_.farm;
    row.orchard = options_.orchard;
    row.crop = options_.crop;
    row.cultivar = options_.cultivar;
    row.country = options_.country;
    row.captured_on = options_.captured_on;
    row.sensor = options_.sensor;
    row.crs = found.example.crs;
    row.lon = row.lat = row.x_min = row.y_min = row.x_max = row.y_max = kUnknown;
    row.meta = meta_;
    if (!row.crs.empty() && found.example.transform.size() == 6) place(found.example, row);
  }

  /// Where a tile lies that says so itself.
  static void place(const Example& e, TileRow& row) {
    Transform transform;
    std::copy(e.transform.begin(), e.transform.end(), transform.t.begin());
    const double w = e.width, h = e.height;
    const Point a = transform.world_from_pixel(0, 0), b = transform.world_from_pixel(w, h);
    row.x_min = std::min(a.x, b.x);
    row.x_max = std::max(a.x, b.x);
    row.y_min = std::min(a.y, b.y);
    row.y_max = std::max(a.y, b.y);
    const Reprojection to_wgs84(row.crs, "EPSG:4326");
    const Point centre = to_wgs84(transform.world_from_pixel(w / 2, h / 2));
    row.lon = centre.x;
    row.lat = centre.y;
  }

  void commit(const std::vector<fs::path>& files, const RowSink& sink) {
    ImportOptions described = options_;
    json options = Fields(described).to_json();
    options.erase("threads");
    std::string content = options.dump();
    // Where files lie changes nothing in what is made.
    for (const auto& [tile, row] : rows_)
      content += tile + fs::path(row.source_uri).filename().string();
    report_.ingest_id = stem_of(files[0]) + "-import-" + sha256_hex(content).substr(0, 12);
    const std::string name = manifest_path(report_.ingest_id);
    IngestManifest manifest;
    if (store_.size(name) >= 0) {
      report_.was_done = true;
      manifest = manifest_from_bytes(store_.address_of(name), store_.get(name));
    } else {
      manifest.ingest_id = report_.ingest_id;
      manifest.ingested_at = utc_now();
      json uris = json::array();
      for (const fs::path& file : files) uris.push_back(source_uri(file, options_.home));
      manifest.source = {{"uri", uris[0]}, {"files", uris}};
      manifest.options = options;
      manifest.report = {{"tiles", std::ssize(rows_)},
                         {"skipped", report_.skipped.count},
                         {"labels_skipped", report_.labels_skipped.count}};
      for (auto& [tile, row] : rows_) {
        row.ingest_id = manifest.ingest_id;
        row.ingested_at = manifest.ingested_at;
        manifest.rows.push_back(std::move(row));
      }
      if (!store_.put_if_absent(name, to_bytes(manifest)))
        manifest = manifest_from_bytes(store_.address_of(name), store_.get(name));
    }
    sink(report_.ingest_id, manifest.rows);
  }

  const ImportOptions& options_;
  BlobStore& store_;
  Progress& progress_;
  ForeignOptions how_;
  json meta_;
  std::string survey_;
  std::mutex mutex_;
  std::map<std::string, TileRow> rows_;
  ImportReport report_;
};

}  // namespace

void ImportOptions::validate() const {
  as_ingest(*this).validate();
  for (const std::string& word : keys) {
    const std::size_t equals = word.find('=');
    require(equals != std::string::npos && equals > 0 && equals + 1 < word.size(),
            [&] { return "keys: '" + word + "' must be written image/encoded=NAME"; });
    const std::string key = word.substr(0, equals);
    const std::vector<std::string>& known = foreign_keys();
    require(std::find(known.begin(), known.end(), key) != known.end(), [&] {
      const std::string near = suggestion(key, known);
      return "keys: '" + key + "' is no key that is read" +
             (near.empty() ? "; canopy catalog import reads " + joined(known) : near);
    });
  }
}

ImportReport import_examples(const std::vector<fs::path>& files,
                             const ImportOptions& options,
                             BlobStore& store,
                             const RowSink& sink,
                             Progress& progress) {
  return Import(options, store, progress).run(files, sink);
}

}  // namespace canopy
