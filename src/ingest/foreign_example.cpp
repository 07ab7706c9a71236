// SPDX-License-Identifier: Apache-2.0
#include "ingest/foreign_example.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "geo/raster.h"
#include "ingest/label_class.h"
#include "ingest/plane_reader.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMost = 65535;  ///< objects of a tile

/// Bytes as a file for as long as it is asked for: GDAL takes paths.
class PictureFile {
 public:
  PictureFile(ByteView bytes, std::string name)
      : name_(std::move(name)), file_(fs::temp_directory_path() / ("canopy" + ending(bytes))) {
    file_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  /// What `read` makes of the file; a failure names the feature in the file's place.
  template <class Read>
  auto read(const Read& read) const {
    try {
      return read(file_.path());
    } catch (const Error& error) {
      std::string words = error.what();
      const std::string path = file_.path().string();
      for (std::size_t at = 0; (at = words.find(path, at)) != std::string::npos;)
        words.replace(at, path.size(), name_);
      throw Error(error.fault(), words);
    }
  }

 private:
  static std::string ending(ByteView bytes) {
    const auto begins = [&](std::string_view start) {
      return bytes.size() > start.size() &&
             std::equal(start.begin(), start.end(), bytes.begin(), [](char a, std::uint8_t b) {
               return static_cast<std::uint8_t>(a) == b;
             });
    };
    if (begins("\x89PNG")) return ".png";
    if (begins("\xff\xd8")) return ".jpg";
    if (begins("II*") || begins("MM")) return ".tif";
    throw Error(Fault::User, "image/encoded: is neither PNG, JPEG nor TIFF");
  }
  std::string name_;
  AtomicFile file_;
};

class Reader {
 public:
  Reader(ByteView serialized, const ForeignOptions& options)
      : view_(serialized), options_(options) {}

  ForeignExample read() {
    if (view_.has("canopy/schema")) throw Error(Fault::Bug, "an example of ours is no foreign one");
    Example& e = out_.example;
    const ByteView picture = view_.byte(key("image/encoded"));
    out_.source_sha256 = sha256_hex(picture);
    PictureFile(picture, key("image/encoded")).read([&](const fs::path& path) {
      const PlaneReader planes(path, options_.bands, {}, options_.gsd_m);
      (void)planes.read(TileGrid::of(planes.picture().window()), e);
    });
    e.filename = text("image/filename");
    e.source_id = text("image/source_id");
    if (view_.has(key("image/object/bbox/xmin"))) read_objects();
    return std::move(out_);
  }

 private:
  std::string key(const std::string& name) const {
    const auto at = options_.keys.find(name);
    return at == options_.keys.end() ? name : at->second;
  }
  std::string text(const std::string& name) const {
    if (!view_.has(key(name))) return "";
    const std::vector<std::string> values = view_.texts(key(name), 1);
    return values.empty() ? "" : values[0];
  }
  std::vector<float> edges(const char* side, int size) const {
    std::vector<float> values = view_.floats(key(std::string("image/object/bbox/") + side), kMost);
    for (float& value : values) value *= static_cast<float>(size);
    return values;
  }
  std::vector<std::string> classes(std::size_t count) const {
    std::vector<std::string> words(count);
    if (view_.has(key("image/object/class/text"))) {
      words = view_.texts(key("image/object/class/text"), kMost);
    } else if (view_.has(key("image/object/class/label"))) {
      words.clear();
      for (const std::int64_t label : view_.ints(key("image/object/class/label"), kMost))
        words.push_back(std::to_string(label));
    }
    require(words.size() == count, [&] {
      return key("image/object/class/text") + ": holds " + std::to_string(words.size()) +
             " values for " + std::to_string(count) + " boxes";
    });
    return words;
  }
  std::vector<std::int64_t> crowds(std::size_t count) const {
    for (const char* name : {"image/object/is_crowd", "image/object/group_of"})
      if (view_.has(key(name))) {
        std::vector<std::int64_t> flags = view_.ints(key(name), kMost);
        if (flags.size() == count) return flags;
      }
    return std::vector<std::int64_t>(count, 0);
  }

  void read_objects() {
    Example& e = out_.example;
    const auto xmin = edges("xmin", e.width), xmax = edges("xmax", e.width),
               ymin = edges("ymin", e.height), ymax = edges("ymax", e.height);
    const std::size_t count = xmin.size();
    require(xmax.size() == count && ymin.size() == count && ymax.size() == count,
            "image/object/bbox: its four lists differ in length");
    const std::vector<std::string> words = classes(count);
    const std::vector<std::int64_t> crowd = crowds(count);
    const std::vector<std::vector<bool>> masks = read_masks(count);
    e.kind = masks.empty() ? LabelKind::Box : LabelKind::Mask;
    std::vector<std::size_t> of;  // the number of each object in the file
    for (std::size_t k = 0; k < count; ++k) {
      const auto meaning = meaning_of_class(words[k], options_.tree_names);
      LabelledObject object{std::clamp(xmin[k], 0.0F, static_cast<float>(e.width)),
                            std::clamp(ymin[k], 0.0F, static_cast<float>(e.height)),
                            std::clamp(xmax[k], 0.0F, static_cast<float>(e.width)),
                            std::clamp(ymax[k], 0.0F, static_cast<float>(e.height)),
                            ObjectClass::Tree,
                            crowd[k] != 0};
      const std::string name = "object " + std::to_string(k + 1);
      if (!meaning) {
        out_.labels_skipped.add(name + ": class '" + words[k] +
                                "' is neither a tree nor a dead one");
      } else if (!(object.xmax - object.xmin > 0) || !(object.ymax - object.ymin > 0)) {
        out_.labels_skipped.add(name + ": has no area inside the picture");
      } else if (!meaning->is_ignore) {
        object.label = meaning->label;
        e.objects.push_back(object);
        of.push_back(k);
      }
      if (!meaning || meaning->is_ignore) ignore(object);
    }
    if (!masks.empty()) fill_id_map(masks, of);
  }

  /// What nobody knows to be a tree or not is not learnt from.
  void ignore(const LabelledObject& box) {
    Example& e = out_.example;
    e.ignore.resize(static_cast<std::size_t>(e.width) * static_cast<std::size_t>(e.height));
    for (int y = static_cast<int>(box.ymin); y < static_cast<int>(std::ceil(box.ymax)); ++y)
      for (int x = static_cast<int>(box.xmin); x < static_cast<int>(std::ceil(box.xmax)); ++x)
        e.ignore[static_cast<std::size_t>(y) * static_cast<std::size_t>(e.width) +
                 static_cast<std::size_t>(x)] = true;
  }

  std::vector<std::vector<bool>> read_masks(std::size_t count) const {
    const std::string name = key("image/object/mask");
    if (!view_.has(name)) return {};
    const std::vector<ByteView> files = view_.bytes(name, kMost);
    require(files.size() == count, [&] {
      return name + ": holds " + std::to_string(files.size()) + " masks for " +
             std::to_string(count) + " boxes";
    });
    std::vector<std::vector<bool>> masks;
    for (const ByteView bytes : files) {
      std::vector<bool>& mask = masks.emplace_back();
      PictureFile(bytes, name).read([&](const fs::path& path) {
        const Raster raster = Raster::open(path, {.gsd_m = 1});
        require(raster.width() == out_.example.width && raster.height() == out_.example.height,
                [&] { return name + ": a mask is not as large as the picture"; });
        for (const std::uint32_t id : raster.read_ids(raster.window())) mask.push_back(id != 0);
      });
    }
    return masks;
  }

  void fill_id_map(const std::vector<std::vector<bool>>& masks,
                   const std::vector<std::size_t>& of) {
    Example& e = out_.example;
    const auto pixels = static_cast<std::size_t>(e.width) * static_cast<std::size_t>(e.height);
    std::vector<std::size_t> order(of.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto area = [&](std::size_t k) {
      return std::count(masks[of[k]].begin(), masks[of[k]].end(), true);
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return area(a) > area(b);
    });
    std::vector<std::size_t> owner(pixels, 0);
    for (const std::size_t k : order)
      for (std::size_t i = 0; i < pixels; ++i)
        if (masks[of[k]][i]) owner[i] = k + 1;
    keep_visible(owner, of);
  }

  /// Objects of which no pixel is left go, the others are numbered anew, and boxes follow masks.
  void keep_visible(const std::vector<std::size_t>& owner, const std::vector<std::size_t>& of) {
    Example& e = out_.example;
    const auto width = static_cast<std::size_t>(e.width);
    std::vector<LabelledObject> objects = std::exchange(e.objects, {});
    for (LabelledObject& o : objects)
      o.xmin = o.ymin = std::numeric_limits<float>::max(), o.xmax = o.ymax = 0;
    for (std::size_t i = 0; i < owner.size(); ++i) {
      if (owner[i] == 0) continue;
      LabelledObject& o = objects[owner[i] - 1];
      const std::size_t row = i / width;
      const auto x = static_cast<float>(i % width), y = static_cast<float>(row);
      o.xmin = std::min(o.xmin, x);
      o.ymin = std::min(o.ymin, y);
      o.xmax = std::max(o.xmax, x + 1);
      o.ymax = std::max(o.ymax, y + 1);
    }
    std::vector<std::uint16_t> number(objects.size() + 1, 0);
    for (std::size_t k = 0; k < objects.size(); ++k) {
      if (objects[k].xmax <= 0) {
        out_.labels_skipped.add("object " + std::to_string(of[k] + 1) +
                                ": its mask has no pixel of its own");
        continue;
      }
      e.objects.push_back(objects[k]);
      number[k + 1] = static_cast<std::uint16_t>(e.objects.size());
    }
    e.id_map.resize(owner.size());
    for (std::size_t i = 0; i < owner.size(); ++i) e.id_map[i] = number[owner[i]];
  }

  TfExampleView view_;
  const ForeignOptions& options_;
  ForeignExample out_;
};

}  // namespace

const std::vector<std::string>& foreign_keys() {
  static const std::vector<std::string> keys = {"image/encoded",
                                                "image/filename",
                                                "image/source_id",
                                                "image/object/bbox/xmin",
                                                "image/object/bbox/xmax",
                                                "image/object/bbox/ymin",
                                                "image/object/bbox/ymax",
                                                "image/object/class/text",
                                                "image/object/class/label",
                                                "image/object/mask",
                                                "image/object/is_crowd",
                                                "image/object/group_of"};
  return keys;
}

ForeignExample read_foreign_example(ByteView serialized, const ForeignOptions& options) {
  if (TfExampleView(serialized).has("canopy/schema")) {
    ForeignExample ours;
    ours.example = parse_example(serialized);
    ours.source_sha256 = sha256_hex(ours.example.source_id + "\n" + ours.example.filename);
    return ours;
  }
  return Reader(serialized, options).read();
}

}  // namespace canopy
