// SPDX-License-Identifier: Apache-2.0
#include "ingest/dataset_export.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/tf_record.h"
#include "base/threads.h"
#include "catalog/snapshot_refs.h"
#include "ingest/example_picture.h"
#include "store/example.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kBatch = 64;  ///< tiles that are worked on at once, to be written in order

std::string short_name(const SnapshotRef& ref) { return ref.tile_id.substr(0, 16); }

/// What one tile adds to the file of its split.
struct Piece {
  std::string record;             ///< a TFRecord, or lines of boxes.csv
  Json image;                     ///< COCO's
  std::vector<Json> annotations;  ///< without their numbers
  std::int64_t objects = 0;
};

/// One way to export. `piece` is called from many threads, `add` in the order of tiles.
class Form {
 public:
  virtual ~Form() = default;
  virtual Piece piece(const SnapshotRef& ref, const std::vector<std::uint8_t>& serialized) = 0;
  virtual void add(const SnapshotRef& ref, Piece piece) = 0;
  virtual void finish() = 0;
};

class TfRecords : public Form {
 public:
  TfRecords(fs::path folder, std::int64_t shard_bytes)
      : folder_(std::move(folder)), shard_bytes_(shard_bytes) {}

  Piece piece(const SnapshotRef&, const std::vector<std::uint8_t>& serialized) override {
    Piece piece;
    piece.record = tf_record({reinterpret_cast<const char*>(serialized.data()), serialized.size()});
    return piece;
  }
  void add(const SnapshotRef& ref, Piece piece) override {
    Shard& shard = shards_[ref.split];
    shard.bytes += piece.record;
    if (static_cast<std::int64_t>(shard.bytes.size()) >= shard_bytes_) write(ref.split, shard);
  }
  void finish() override {
    for (auto& [split, shard] : shards_)
      if (!shard.bytes.empty()) write(split, shard);
  }

 private:
  struct Shard {
    int number = 0;
    std::string bytes;
  };
  void write(const std::string& split, Shard& shard) const {
    char number[16];
    std::snprintf(number, sizeof number, "-%05d", shard.number++);
    write_file(folder_ / (split + number + ".tfrecord"), shard.bytes);
    shard.bytes.clear();
  }

  fs::path folder_;
  std::int64_t shard_bytes_;
  std::map<std::string, Shard> shards_;
};

std::vector<bool> pixels_of(const Example& e, std::size_t k) {
  std::vector<bool> inside(e.id_map.size());
  for (std::size_t i = 0; i < inside.size(); ++i) inside[i] = e.id_map[i] == k + 1;
  return inside;
}

Json run_lengths(const Example& e, const std::vector<bool>& inside) {
  return {{"size", {e.height, e.width}}, {"counts", column_runs(inside, e.width, e.height)}};
}

class Coco : public Form {
 public:
  explicit Coco(fs::path folder) : folder_(std::move(folder)) {}

  Piece piece(const SnapshotRef& ref, const std::vector<std::uint8_t>& serialized) override {
    const Example e = parse_example(serialized);
    const fs::path path = write_example_picture(e, folder_ / ref.split / short_name(ref));
    Piece piece;
    piece.image = {{"file_name", ref.split + "/" + path.filename().string()},
                   {"width", e.width},
                   {"height", e.height},
                   {"tile_id", ref.tile_id}};
    for (std::size_t k = 0; k < e.objects.size(); ++k)
      piece.annotations.push_back(annotation(e, k));
    if (!e.ignore.empty()) piece.annotations.push_back(ignored(e));
    piece.objects = std::ssize(e.objects);
    return piece;
  }

  void add(const SnapshotRef& ref, Piece piece) override {
    Split& split = splits_[ref.split];
    piece.image["id"] = ++split.images;
    split.image_text += (split.image_text.empty() ? "" : ",\n") + piece.image.dump();
    for (Json& annotation : piece.annotations) {
      annotation["image_id"] = split.images;
      annotation["id"] = ++split.annotations;
      split.annotation_text += (split.annotation_text.empty() ? "" : ",\n") + annotation.dump();
    }
  }

  void finish() override {
    const Json categories = {{{"id", 1}, {"name", "tree"}}, {{"id", 2}, {"name", "dead_tree"}}};
    for (const auto& [name, split] : splits_)
      write_file(folder_ / (name + ".json"),
                 "{\"images\": [\n" + split.image_text + "\n],\n\"annotations\": [\n" +
                     split.annotation_text + "\n],\n\"categories\": " + categories.dump() + "}\n");
  }

 private:
  struct Split {
    std::int64_t images = 0, annotations = 0;
    std::string image_text, annotation_text;
  };

  static Json annotation(const Example& e, std::size_t k) {
    const LabelledObject& object = e.objects[k];
    const float width = object.xmax - object.xmin, height = object.ymax - object.ymin;
    Json json = {{"category_id", static_cast<int>(object.label)},
                 {"bbox", {object.xmin, object.ymin, width, height}},
                 {"area", width * height},
                 {"iscrowd", object.is_crowd ? 1 : 0}};
    if (e.kind == LabelKind::Mask) {
      const std::vector<bool> inside = pixels_of(e, k);
      json["area"] = std::count(inside.begin(), inside.end(), true);
      json["segmentation"] = run_lengths(e, inside);
    } else if (e.kind == LabelKind::Point) {
      json["keypoints"] = {object.xmin, object.ymin, 2};
      json["num_keypoints"] = 1;
    }
    return json;
  }
  static Json ignored(const Example& e) {
    return {{"category_id", 1},
            {"bbox", {0, 0, e.width, e.height}},
            {"area", std::count(e.ignore.begin(), e.ignore.end(), true)},
            {"iscrowd", 1},
            {"ignore", true},
            {"segmentation", run_lengths(e, e.ignore)}};
  }

  fs::path folder_;
  std::map<std::string, Split> splits_;
};

class PlainFolders : public Form {
 public:
  explicit PlainFolders(fs::path folder) : folder_(std::move(folder)) {}

  Piece piece(const SnapshotRef& ref, const std::vector<std::uint8_t>& serialized) override {
    const Example e = parse_example(serialized);
    const fs::path below = folder_ / ref.split;
    const fs::path path = write_example_picture(e, below / "images" / short_name(ref));
    if (e.kind == LabelKind::Mask) write_id_map(e, below / "masks" / short_name(ref));
    Piece piece;
    for (const LabelledObject& o : e.objects) {
      char line[160];
      std::snprintf(line, sizeof line, ",%.9g,%.9g,%.9g,%.9g,", o.xmin, o.ymin, o.xmax, o.ymax);
      piece.record += "images/" + path.filename().string() + line + name_of(o.label) + "\n";
    }
    piece.objects = std::ssize(e.objects);
    return piece;
  }
  void add(const SnapshotRef& ref, Piece piece) override { lines_[ref.split] += piece.record; }
  void finish() override {
    for (const auto& [split, lines] : lines_)
      write_file(folder_ / split / "boxes.csv", "image_path,xmin,ymin,xmax,ymax,label\n" + lines);
  }

 private:
  fs::path folder_;
  std::map<std::string, std::string> lines_;
};

std::unique_ptr<Form> make_form(const fs::path& folder, const ExportOptions& options) {
  if (options.as == "tfrecord") return std::make_unique<TfRecords>(folder, options.shard_mb << 20);
  if (options.as == "folders") return std::make_unique<PlainFolders>(folder);
  return std::make_unique<Coco>(folder);
}

/// The serialized example of a tile, held against its name.
std::vector<std::uint8_t> content_of(const BlobStore& store, const SnapshotRef& ref) {
  std::vector<std::uint8_t> serialized = inflate(store.get(ref.uri));
  require(sha256_hex(serialized) == ref.tile_id, "its content is not what its name says");
  return serialized;
}

}  // namespace

void ExportOptions::validate() const {
  require(as == "coco" || as == "tfrecord" || as == "folders",
          [&] { return "as: '" + as + "' is none of coco, tfrecord, folders"; });
  require(shard_mb > 0, "shard-mb must be positive");
  require(threads >= 0, "threads must not be negative");
}

ExportReport export_dataset(const Snapshot& snapshot,
                            const BlobStore& store,
                            const fs::path& folder,
                            const ExportOptions& options,
                            Progress& progress) {
  options.validate();
  if (fs::exists(folder) && !fs::is_empty(folder))
    throw Error(Fault::Conflict,
                folder.string() + " holds files already; name a new folder, or empty it");
  const std::vector<SnapshotRef> refs = read_refs(snapshot);
  for (const SnapshotRef& ref : refs)
    require(ref.split.find('/') == std::string::npos && !ref.split.starts_with('.'),
            [&] { return "split '" + ref.split + "' cannot name a folder"; });
  const auto form = make_form(folder, options);
  const int threads = options.threads > 0 ? options.threads : available_cores();
  ExportReport report;
  progress.begin("export", std::ssize(refs), "tiles");
  for (std::size_t begin = 0; begin < refs.size(); begin += kBatch) {
    if (interrupted()) throw Error(Fault::Conflict, "stopped; the export is not whole");
    const std::size_t count = std::min(kBatch, refs.size() - begin);
    std::vector<Piece> pieces(count);
    std::vector<std::string> problems(count);
    parallel_for(static_cast<std::int64_t>(count), threads, [&](std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      const SnapshotRef& ref = refs[begin + at];
      std::vector<std::uint8_t> serialized;
      try {
        serialized = content_of(store, ref);
      } catch (const Error& error) {
        if (error.fault() == Fault::Bug) throw;
        problems[at] = store.address_of(ref.uri) + ": " + error.what();
        return;
      }
      pieces[at] = form->piece(ref, serialized);
    });
    for (std::size_t i = 0; i < count; ++i) {
      if (!problems[i].empty()) {
        report.skipped.add(std::move(problems[i]));
        continue;
      }
      ++report.tiles;
      report.objects += pieces[i].objects;
      form->add(refs[begin + i], std::move(pieces[i]));
    }
    progress.update(static_cast<std::int64_t>(begin + count));
  }
  form->finish();
  progress.end();
  const Json record = {{"dataset", snapshot.ref()},
                       {"id", snapshot.id},
                       {"as", options.as},
                       {"tiles", report.tiles},
                       {"skipped", report.skipped.count}};
  write_file(folder / "export.json", record.dump(2) + "\n");
  return report;
}

}  // namespace canopy
