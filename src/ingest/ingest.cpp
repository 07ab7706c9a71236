// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingest.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/options.h"
#include "base/threads.h"
#include "base/utc.h"
#include "geo/crs.h"
#include "geo/picture_file.h"
#include "ingest/label_reader.h"
#include "ingest/manifest.h"
#include "ingest/plane_reader.h"
#include "ingest/running_mark.h"
#include "ingest/source_uri.h"
#include "ingest/stored_tile.h"
#include "ingest/stretches.h"
#include "ingest/tile_labels.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Raised when what an ingest makes of the same input changes, so that ids change with it.
constexpr int kRevision = 1;

/// A file's stem in the characters that blobs may have.
std::string plain_name(const fs::path& path) {
  std::string name = path.stem().string().substr(0, 80);
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') c = '-';
  return name.empty() ? "picture" : name;
}

/// What one thread works with: its own open files and projection.
struct Worker {
  PlaneReader planes;
  std::optional<Reprojection> to_wgs84;
};

class Ingest {
 public:
  Ingest(const fs::path& picture,
         const IngestOptions& options,
         BlobStore& store,
         Progress& progress)
      : path_(picture), options_(options), store_(store), progress_(progress) {
    options_.validate();
    const Worker worker = open_worker();
    const Raster& raster = worker.planes.picture();
    frame_ = {path_.filename().string(),
              raster.width(),
              raster.height(),
              raster.crs(),
              raster.world_from_pixel()};
    survey_ = options_.survey.empty() ? plain_name(path_) : options_.survey;
    lay_grids(raster.gsd_m());
    read_label_file();
    hash_source();
    report_.tiles = std::ssize(grids_);
    report_.megapixels =
        static_cast<double>(frame_.width) * static_cast<double>(frame_.height) / 1e6;
  }

  IngestReport run(const RowSink& sink) {
    const auto seconds = [&] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    };
    const RunningMark mark(store_, "ingest-" + report_.ingest_id);
    require_no_collector(store_);
    std::optional<IngestManifest> manifest = finished();
    if (manifest) {
      report_.was_done = true;
      fill_from(manifest->report, report_);
      report_.tiles_kept = static_cast<std::int64_t>(manifest->rows.size());
    } else {
      work_through_tiles();
      report_.seconds = seconds();
      if (report_.was_interrupted) return report_;
      manifest = commit();
    }
    sink(report_.ingest_id, manifest->rows);
    report_.seconds = seconds();
    return report_;
  }

 private:
  Worker open_worker() const {
    Worker worker = {
        PlaneReader(path_, options_.bands, options_.extra_bands(), finest_gsd_m(options_.gsd)),
        std::nullopt};
    const std::string& crs = worker.planes.picture().crs();
    if (!crs.empty()) worker.to_wgs84.emplace(crs, "EPSG:4326");
    return worker;
  }

  std::string uri_of(const fs::path& file) const { return source_uri(file, options_.home); }

  void lay_grids(double gsd_m) {
    try {
      grids_ = tile_grids(
          frame_.width, frame_.height, gsd_m, options_.gsd, options_.tile_size, options_.overlap);
    } catch (const Error& error) {
      throw add_context(path_.string(), error);
    }
  }

  void read_label_file() {
    if (options_.unlabelled) return;
    LabelOptions how{options_.layer, options_.class_attribute, options_.tree_names};
    if (!options_.crop.empty()) how.tree_names.push_back(options_.crop);
    labels_ = read_labels(options_.labels, frame_, how);
    report_.kind = labels_.kind;
    report_.labels_read = labels_.read;
    report_.labels_repaired = labels_.repaired;
    report_.labels_skipped = labels_.skipped;
    used_ = std::vector<std::atomic<bool>>(labels_.labels.size());
    index_.emplace(labels_.labels, frame_.width, frame_.height, options_.tile_size);
  }

  void hash_source() {
    source_sha256_ = sha256_of_picture_file(path_);
    IngestOptions described = options_;
    json options = Fields(described).to_json();
    // Where files lie and how many threads there are changes nothing in what is made.
    for (const char* name : {"labels", "band", "threads"}) options.erase(name);
    extra_ = json::object();
    for (const auto& [name, file] : options_.extra_bands())
      extra_[name] = {{"uri", uri_of(file)}, {"sha256", sha256_of_picture_file(file)}};
    json extra_content = json::object();
    for (const auto& [name, file] : extra_.items()) extra_content[name] = file["sha256"];
    options_json_ = options;
    const json identity = {{"revision", kRevision},
                           {"file_name", frame_.file_name},
                           {"source", source_sha256_},
                           {"extra", extra_content},
                           {"labels", labels_.sha256},
                           {"options", options}};
    report_.ingest_id = plain_name(path_) + "-" + sha256_hex(identity.dump()).substr(0, 12);
  }

  /// The manifest of an earlier run, when every tile of it is in the store.
  std::optional<IngestManifest> finished() const {
    const std::string name = manifest_path(report_.ingest_id);
    if (store_.size(name) < 0) return std::nullopt;
    IngestManifest manifest = manifest_from_bytes(store_.address_of(name), store_.get(name));
    std::atomic<bool> is_whole = true;
    parallel_for(std::ssize(manifest.rows), store_.reads_in_flight(), [&](std::int64_t i) {
      if (is_whole && store_.size(manifest.rows[static_cast<std::size_t>(i)].uri) < 0)
        is_whole = false;
    });
    if (!is_whole) return std::nullopt;
    return manifest;
  }

  void work_through_tiles() {
    rows_.resize(grids_.size());
    unread_.resize(grids_.size());
    progress_.begin("ingest", report_.tiles, "tiles");
    std::int64_t done = 0;
    const int wanted = options_.threads > 0 ? options_.threads : available_cores();
    const int threads = static_cast<int>(std::min<std::int64_t>(wanted, report_.tiles));
    Stretches stretches(report_.tiles, threads);
    parallel_for(threads, threads, [&](std::int64_t t) {
      try {
        const Worker worker = open_worker();
        while (const auto i = stretches.next(static_cast<int>(t))) {
          if (interrupted()) return;
          work_on_tile(worker, static_cast<std::size_t>(*i));
          const std::lock_guard lock(progress_mutex_);
          progress_.update(++done);
        }
      } catch (...) {
        stretches.stop();
        throw;
      }
    });
    report_.was_interrupted = interrupted() != 0 && done < report_.tiles;
    progress_.end(report_.was_interrupted ? "stopped; run it again to go on" : "");
    if (report_.was_interrupted) return;
    for (std::string& why : unread_)
      if (!why.empty()) report_.tiles_skipped.add(std::move(why));
    require(report_.tiles_skipped.count == 0 || report_.tiles_written + report_.tiles_kept > 0,
            [&] {
              return path_.string() + ": no tile could be read; " + report_.tiles_skipped.first[0];
            });
    require(report_.tiles_written + report_.tiles_kept > 0, [&] {
      return path_.string() + ": holds no data; each of its " + std::to_string(report_.tiles) +
             " tiles is nodata or was left out by min-valid or skip-empty";
    });
    account_for_labels();
  }

  void work_on_tile(const Worker& worker, std::size_t i) {
    const TileGrid& grid = grids_[i];
    Example e;
    std::vector<std::uint8_t> valid;
    try {
      valid = worker.planes.read(grid, e);
    } catch (const Error& error) {
      if (error.fault() == Fault::Bug) throw;
      unread_[i] = "tile at (" + std::to_string(grid.window.x) + ", " +
                   std::to_string(grid.window.y) + "): " + error.what();
      return;
    }
    const auto with_data = static_cast<double>(std::count(valid.begin(), valid.end(), 1));
    if (with_data == 0 || with_data < options_.min_valid * static_cast<double>(valid.size())) {
      std::lock_guard lock(mutex_);
      ++report_.tiles_without_data;
      return;
    }
    if (index_) label(grid, valid, e);
    if (options_.skip_empty && e.objects.empty()) {
      std::lock_guard lock(mutex_);
      ++report_.tiles_without_labels;
      return;
    }
    e.source_id = survey_;
    e.filename = frame_.file_name;
    keep_tile(worker, i, e);
  }

  void label(const TileGrid& grid, const std::vector<std::uint8_t>& valid, Example& e) {
    LabelsOfTile tile = labels_of_tile(*index_, labels_.kind, grid, valid);
    e.kind = labels_.kind;
    e.objects = std::move(tile.objects);
    e.id_map = std::move(tile.id_map);
    e.ignore = std::move(tile.ignore);
    for (const std::size_t k : tile.label_of) used_[k] = true;
  }

  void keep_tile(const Worker& worker, std::size_t i, const Example& e) {
    StoredTile tile = store_tile(store_, e);
    describe(worker, grids_[i].window, tile.row);
    rows_[i] = std::move(tile.row);
    std::lock_guard lock(mutex_);
    ++(tile.is_new ? report_.tiles_written : report_.tiles_kept);
  }

  /// Provenance, place and acquisition.
  void describe(const Worker& worker, const Window& window, TileRow& row) const {
    row.survey_id = survey_;
    row.source_uri = uri_of(path_);
    row.source_sha256 = source_sha256_;
    row.window_x = window.x;
    row.window_y = window.y;
    row.ingest_id = report_.ingest_id;
    row.labels_uri = uri_of(options_.labels);
    row.labels_sha256 = labels_.sha256;
    row.label_kind = name_of(labels_.kind);
    row.labeller = options_.labeller;
    row.label_revision = options_.label_revision;
    row.farm = options_.farm;
    row.orchard = options_.orchard;
    row.crop = options_.crop;
    row.cultivar = options_.cultivar;
    row.country = options_.country;
    row.captured_on = options_.captured_on;
    row.sensor = options_.sensor;
    row.meta = options_.meta_object();
    const std::string& split = options_.split.empty() ? labels_.split : options_.split;
    if (!split.empty()) row.meta["split"] = split;
    place(worker, window, row);
  }

  void place(const Worker& worker, const Window& window, TileRow& row) const {
    constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
    row.crs = frame_.crs;
    row.lon = row.lat = row.x_min = row.y_min = row.x_max = row.y_max = kUnknown;
    if (!worker.to_wgs84) return;
    const Transform transform = frame_.world_from_pixel.of_window(window);
    const auto w = static_cast<double>(window.width), h = static_cast<double>(window.height);
    std::vector<Polygon> corners(1);
    corners[0].rings.emplace_back();
    for (const Point& p : {Point{0, 0}, Point{w, 0}, Point{0, h}, Point{w, h}})
      corners[0].rings[0].push_back(transform.world_from_pixel(p.x, p.y));
    const Bounds bounds = bounds_of(corners);
    row.x_min = bounds.xmin;
    row.y_min = bounds.ymin;
    row.x_max = bounds.xmax;
    row.y_max = bounds.ymax;
    const Point centre = (*worker.to_wgs84)(transform.world_from_pixel(w / 2, h / 2));
    row.lon = centre.x;
    row.lat = centre.y;
  }

  void account_for_labels() {
    for (std::size_t k = 0; k < labels_.labels.size(); ++k) {
      const Label& label = labels_.labels[k];
      if (used_[k])
        ++report_.labels_used;
      else if (!label.is_ignore)
        report_.labels_skipped.add(
            label.name +
            ": no tile shows it (no pixel of its own, mostly beyond the picture, where there "
            "is no data, or in tiles that were left out)");
    }
  }

  IngestManifest commit() {
    IngestManifest manifest;
    manifest.ingest_id = report_.ingest_id;
    manifest.ingested_at = utc_now();
    manifest.source = {{"uri", uri_of(path_)},
                       {"sha256", source_sha256_},
                       {"width", frame_.width},
                       {"height", frame_.height},
                       {"crs", frame_.crs},
                       {"transform", frame_.world_from_pixel.t},
                       {"extra", extra_}};
    if (index_)
      manifest.labels = {
          {"uri", uri_of(options_.labels)}, {"sha256", labels_.sha256}, {"format", labels_.format}};
    manifest.options = options_json_;
    manifest.report = to_json(report_);
    for (std::optional<TileRow>& row : rows_) {
      if (!row) continue;
      row->ingested_at = manifest.ingested_at;
      manifest.rows.push_back(std::move(*row));
    }
    const std::string name = manifest_path(manifest.ingest_id);
    if (store_.put_if_absent(name, to_bytes(manifest))) return manifest;
    // Another run of the same ingest was faster, or tiles of a finished one had been lost: the
    // manifest that stands is the truth, if it says the same.
    IngestManifest standing = manifest_from_bytes(store_.address_of(name), store_.get(name));
    for (const TileRow& row : standing.rows)
      if (store_.size(row.uri) < 0)
        throw Error(Fault::Conflict,
                    store_.address_of(name) + ": refers to the tile " + row.uri +
                        ", which is not there and is not made from these files any more; remove "
                        "the manifest");
    return standing;
  }

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const fs::path path_;
  const IngestOptions options_;
  BlobStore& store_;
  Progress& progress_;
  PictureFrame frame_;
  std::string survey_, source_sha256_;
  json extra_, options_json_;
  LabelSet labels_;
  std::optional<LabelIndex> index_;
  std::vector<std::atomic<bool>> used_;
  std::vector<TileGrid> grids_;
  std::vector<std::optional<TileRow>> rows_;
  std::vector<std::string> unread_;  ///< by tile: why it could not be read
  std::mutex mutex_, progress_mutex_;
  IngestReport report_;
};

}  // namespace

IngestReport ingest(const fs::path& picture,
                    const IngestOptions& options,
                    BlobStore& store,
                    const RowSink& sink,
                    Progress& progress) {
  return Ingest(picture, options, store, progress).run(sink);
}

}  // namespace canopy
