// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "ingest/label_formats.h"
#include "ingest/run_length.h"

namespace canopy {
namespace {

using nlohmann::json;

Polygon polygon_of(const json& numbers) {
  const auto values = numbers.get<std::vector<double>>();
  require(values.size() >= 6 && values.size() % 2 == 0,
          "its outline must be at least three pairs of numbers");
  Ring ring;
  for (std::size_t i = 0; i < values.size(); i += 2) ring.push_back({values[i], values[i + 1]});
  return {{std::move(ring)}};
}

void read_runs(const json& segmentation, const PictureFrame& picture, RawLabel& label) {
  const auto size = segmentation.at("size").get<std::vector<std::int64_t>>();
  require(size.size() == 2 && size[0] == picture.height && size[1] == picture.width,
          "the size of its mask is not that of the picture");
  const json& counts = segmentation.at("counts");
  label.parts = outlines_of_runs(counts.is_string() ? runs_from_text(counts.get<std::string>())
                                                    : counts.get<std::vector<std::int64_t>>(),
                                 static_cast<int>(picture.width),
                                 static_cast<int>(picture.height));
  label.is_exact = true;
  require(!label.parts.empty(), "its mask is empty");
}

void read_shape(const json& annotation, const PictureFrame& picture, RawLabel& label) {
  const json segmentation = annotation.value("segmentation", json());
  if (segmentation.is_object()) return read_runs(segmentation, picture, label);
  if (segmentation.is_array() && !segmentation.empty()) {
    for (const json& part : segmentation) label.parts.push_back(polygon_of(part));
    return;
  }
  require(annotation.contains("bbox"), "has neither an outline nor a box");
  const auto box = annotation["bbox"].get<std::vector<double>>();
  require(box.size() == 4, "its box must be four numbers");
  label.shape = Label::Shape::Box;
  label.box = {box[0], box[1], box[0] + box[2], box[1] + box[3]};
}

/// Runs `read`; what is wrong becomes the label's problem.
template <class Read>
void noting_problems(RawLabel& label, const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    label.problem = error.what();
  } catch (const json::exception&) {
    label.problem = "does not have the fields and types of COCO";
  }
}

class CocoFile {
 public:
  CocoFile(const std::filesystem::path& path, const PictureFrame& picture)
      : path_(path), picture_(picture), root_(parsed(path)) {}

  RawLabels labels() {
    RawLabels raw;
    raw.format = "COCO";
    const json& image = find_image();
    const json id = image.at("id");
    if (image.contains("split") && image["split"].is_string()) raw.split = image["split"];
    read_categories();
    for (const json& annotation : root_["annotations"]) {
      ++number_;
      if (annotation.is_object() && annotation.value("image_id", json()) == id)
        raw.labels.push_back(read_annotation(annotation));
    }
    number_ = 0;
    if (root_.contains("ignore_regions"))
      for (const json& region : root_["ignore_regions"]) {
        ++number_;
        if (region.is_object() && region.value("image_id", json()) == id)
          raw.labels.push_back(read_region(region));
      }
    return raw;
  }

 private:
  static json parsed(const std::filesystem::path& path) {
    try {
      return json::parse(read_file(path));
    } catch (const json::parse_error& error) {
      throw Error(Fault::User,
                  path.string() + ": is not JSON (near byte " + std::to_string(error.byte) + ")");
    }
  }

  const json& find_image() const {
    const json& images = root_["images"];
    std::vector<std::string> names;
    for (const json& image : images) names.push_back(image.at("file_name").get<std::string>());
    const int found = find_picture(names, picture_);
    if (found < 0) refuse_unknown_picture(path_, names, picture_);
    const json& image = images[static_cast<std::size_t>(found)];
    require_same_size(path_, image.value("width", 0), image.value("height", 0), picture_);
    return image;
  }

  void read_categories() {
    if (!root_.contains("categories")) return;
    for (const json& category : root_["categories"])
      category_names_[category.at("id").get<std::int64_t>()] =
          category.at("name").get<std::string>();
  }

  RawLabel read_annotation(const json& annotation) const {
    RawLabel label;
    label.name = "annotation " +
                 (annotation.contains("id") ? annotation["id"].dump() : std::to_string(number_));
    noting_problems(label, [&] {
      if (annotation.contains("category_id") && !category_names_.empty()) {
        const auto category = annotation["category_id"].get<std::int64_t>();
        const auto name = category_names_.find(category);
        label.class_word =
            name != category_names_.end() ? name->second : "category " + std::to_string(category);
      }
      const json crowd = annotation.value("iscrowd", json(0));
      label.is_crowd = crowd.is_boolean() ? crowd.get<bool>() : crowd.get<int>() != 0;
      read_shape(annotation, picture_, label);
    });
    return label;
  }

  RawLabel read_region(const json& region) const {
    RawLabel label;
    label.name = "ignore region " + std::to_string(number_);
    label.is_ignore = true;
    noting_problems(label, [&] { label.parts.push_back(polygon_of(region.at("polygon"))); });
    return label;
  }

  const std::filesystem::path& path_;
  const PictureFrame& picture_;
  json root_;
  std::map<std::int64_t, std::string> category_names_;
  std::int64_t number_ = 0;
};

}  // namespace

RawLabels read_coco_labels(const std::filesystem::path& path, const PictureFrame& picture) {
  try {
    return CocoFile(path, picture).labels();
  } catch (const json::exception&) {
    throw Error(Fault::User,
                path.string() +
                    ": does not have the fields and types of COCO (images with id and file_name, "
                    "categories with id and name, annotations)");
  }
}

}  // namespace canopy
