// SPDX-License-Identifier: Apache-2.0
#include "ingest/label_reader.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "ingest/label_class.h"
#include "ingest/label_formats.h"
#include "ingest/ring_repair.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

std::string extension_of(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

/// Whether a .json holds GeoJSON and not COCO: by its members, without building the whole of it.
bool is_geojson(const fs::path& path) {
  bool has_images = false;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (event == nlohmann::json::parse_event_t::key && depth == 1) has_images |= value == "images";
    return depth < 1;
  };
  const auto skeleton = nlohmann::json::parse(read_file(path), watch, false);
  require(!skeleton.is_discarded(), [&] { return path.string() + ": is not JSON"; });
  return !has_images;
}

RawLabels read_raw_labels(const fs::path& path,
                          const PictureFrame& picture,
                          const LabelOptions& options) {
  if (!fs::exists(path)) throw Error(Fault::NotFound, path.string() + ": there is no such file");
  const std::string extension = extension_of(path);
  if (extension == ".csv") return read_csv_labels(path, picture);
  if (extension == ".xml") return read_voc_labels(path, picture);
  if (extension == ".json" && !is_geojson(path)) return read_coco_labels(path, picture);
  require(extension == ".json" || extension == ".geojson" || extension == ".gpkg" ||
              extension == ".shp" || extension == ".zip",
          [&] {
            return path.string() + ": '" + extension +
                   "' is no format of labels; use .gpkg, .geojson, .shp, .json (COCO), .csv or "
                   ".xml (VOC)";
          });
  return read_vector_labels(path, options.layer, options.class_attribute, picture);
}

/// A Shapefile is several files; its classes lie in the .dbf.
std::string digest_of(const fs::path& path) {
  if (extension_of(path) != ".shp") return sha256_of_file(path);
  Sha256 digest;
  for (const char* part : {".shp", ".dbf", ".prj", ".cpg"}) {
    const fs::path file = fs::path(path).replace_extension(part);
    if (fs::exists(file)) digest.update(part + sha256_of_file(file));
  }
  return digest.hex();
}

bool is_finite(const Bounds& b) {
  return std::isfinite(b.xmin) && std::isfinite(b.ymin) && std::isfinite(b.xmax) &&
         std::isfinite(b.ymax);
}

bool is_finite(const std::vector<Polygon>& parts) {
  for (const Polygon& part : parts)
    for (const Ring& ring : part.rings)
      for (const Point& p : ring)
        if (!std::isfinite(p.x) || !std::isfinite(p.y)) return false;
  return true;
}

/// Makes one label out of what a reader found.
class Judge {
 public:
  Judge(const PictureFrame& picture, const LabelOptions& options)
      : window_{0, 0, picture.width, picture.height}, file_(picture.file_name), options_(options) {}

  /// Adds the label to `set`, or says there why not.
  void operator()(RawLabel raw, LabelSet& set) const {
    if (!raw.is_ignore) ++set.read;
    Label label;
    label.shape = raw.shape;
    label.is_crowd = raw.is_crowd;
    label.is_ignore = raw.is_ignore;
    label.name = raw.name;
    label.parts = std::move(raw.parts);
    label.box = raw.box;
    std::string why = raw.problem;
    if (why.empty()) why = problem_of_place(label);
    if (why.empty()) why = problem_of_class(raw, label);
    if (why.empty() && !raw.is_exact && !mend(label, set)) {
      why =
          "crosses itself so that nobody can tell what was meant; an ignore region until it is "
          "drawn anew";
      label.is_ignore = true;
      label.shape = Label::Shape::Box;
      label.parts.clear();
      set.labels.push_back(label);
    }
    if (why.empty())
      set.labels.push_back(std::move(label));
    else
      set.skipped.add(raw.name + ": " + why);
  }

 private:
  std::string problem_of_place(Label& label) const {
    const bool is_outline = label.shape == Label::Shape::Outline;
    std::erase_if(label.parts, [](const Polygon& p) { return p.empty() || p.rings[0].empty(); });
    if (is_outline && label.parts.empty()) return "has no geometry";
    if (is_outline ? !is_finite(label.parts) : !is_finite(label.box))
      return "has coordinates that are no numbers";
    if (is_outline) label.box = bounds_of(label.parts);
    if (label.box.xmax < label.box.xmin || label.box.ymax < label.box.ymin)
      return "its right or lower edge lies before its left or upper one";
    // The bow tie has no signed area either: it is told apart by its box.
    const bool has_extent = area_of(label.box) > 0;
    if (label.shape != Label::Shape::Point && !has_extent) return "has no area";
    if (!meets(label.box, window_)) return "lies outside of " + file_;
    if (is_outline && std::abs(area_of(label.parts)) < 1e-9 * area_of(label.box) && !crosses(label))
      return "has no area";
    return "";
  }

  static bool crosses(const Label& label) {
    for (const Polygon& part : label.parts) {
      const auto repaired = without_crossings(part.rings[0]);
      if (!repaired || repaired->is_changed) return true;
    }
    return false;
  }

  std::string problem_of_class(const RawLabel& raw, Label& label) const {
    const auto meaning = raw.is_dead_flag ? meaning_of_dead(raw.class_word)
                                          : meaning_of_class(raw.class_word, options_.tree_names);
    if (!meaning)
      return "class '" + raw.class_word +
             "' is unknown; if it is a tree, pass tree-names=" + raw.class_word;
    label.label = meaning->label;
    label.is_ignore |= meaning->is_ignore;
    return "";
  }

  /// False when an outline is beyond repair.
  static bool mend(Label& label, LabelSet& set) {
    if (label.shape != Label::Shape::Outline) return true;
    bool is_changed = false;
    for (Polygon& part : label.parts)
      for (Ring& ring : part.rings) {
        auto repaired = without_crossings(ring);
        if (!repaired) return false;
        is_changed |= repaired->is_changed;
        ring = std::move(repaired->ring);
      }
    if (!is_changed) return true;
    ++set.repaired;
    label.box = bounds_of(label.parts);
    return true;
  }

  Window window_;
  std::string file_;
  const LabelOptions& options_;
};

/// The kind of the most labels decides; the rest is made to fit, or becomes an ignore region.
void agree_on_kind(LabelSet& set) {
  std::array<std::int64_t, 3> counts = {};
  for (const Label& label : set.labels)
    if (!label.is_ignore) ++counts[static_cast<std::size_t>(label.shape)];
  const auto most =
      static_cast<Label::Shape>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  set.kind = most == Label::Shape::Outline ? LabelKind::Mask
             : most == Label::Shape::Box   ? LabelKind::Box
                                           : LabelKind::Point;
  static constexpr const char* kNames[] = {"an outline", "a box", "a point"};
  static constexpr const char* kPlural[] = {"outlines", "boxes", "points"};
  for (Label& label : set.labels) {
    if (label.is_ignore || label.shape == most) continue;
    if (label.shape == Label::Shape::Outline && most == Label::Shape::Box) {
      label.shape = most;
      continue;
    }
    set.skipped.add(label.name + ": is " + kNames[static_cast<int>(label.shape)] + " among " +
                    kPlural[static_cast<int>(most)] +
                    (label.shape == Label::Shape::Point ? "" : "; an ignore region now"));
    label.is_ignore = true;
  }
  std::erase_if(set.labels,
                [](const Label& l) { return l.is_ignore && l.shape == Label::Shape::Point; });
}

}  // namespace

int find_picture(const std::vector<std::string>& names, const PictureFrame& picture) {
  for (const bool whole : {true, false})
    for (std::size_t i = 0; i < names.size(); ++i) {
      const fs::path name = fs::path(names[i]).filename(), wanted = picture.file_name;
      if (whole ? name == wanted : name.stem() == wanted.stem()) return static_cast<int>(i);
    }
  return -1;
}

void refuse_unknown_picture(const fs::path& path,
                            const std::vector<std::string>& names,
                            const PictureFrame& picture) {
  std::string known;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 3); ++i)
    known += (i ? ", " : "") + names[i];
  if (names.size() > 3) known += ", ... (" + std::to_string(names.size()) + " pictures)";
  throw Error(Fault::User,
              path.string() + ": does not know the picture " + picture.file_name +
                  "; it is about " + (known.empty() ? "none" : known));
}

void require_same_size(const fs::path& path,
                       std::int64_t width,
                       std::int64_t height,
                       const PictureFrame& picture) {
  const bool is_stated = width != 0 || height != 0;
  require(!is_stated || (width == picture.width && height == picture.height), [&] {
    return path.string() + ": is for a picture of " + std::to_string(width) + " x " +
           std::to_string(height) + " px, but " + picture.file_name + " has " +
           std::to_string(picture.width) + " x " + std::to_string(picture.height);
  });
}

LabelSet read_labels(const fs::path& path,
                     const PictureFrame& picture,
                     const LabelOptions& options) {
  RawLabels raw = read_raw_labels(path, picture, options);
  LabelSet set;
  set.format = std::move(raw.format);
  set.split = std::move(raw.split);
  set.sha256 = digest_of(path);
  const auto is_tree = [](const auto& label) { return !label.is_ignore; };
  require(std::any_of(raw.labels.begin(), raw.labels.end(), is_tree), [&] {
    return path.string() + ": holds no labels; give a file that does, or pass --unlabelled";
  });
  const Judge judge(picture, options);
  for (RawLabel& label : raw.labels) judge(std::move(label), set);
  require(std::any_of(set.labels.begin(), set.labels.end(), is_tree), [&] {
    return path.string() + ": none of its " + std::to_string(set.read) + " labels can be used on " +
           picture.file_name +
           "; the first: " + (set.skipped.first.empty() ? "" : set.skipped.first[0]);
  });
  agree_on_kind(set);
  return set;
}

}  // namespace canopy
