// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <pugixml.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "ingest/label_formats.h"

namespace canopy {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

RawLabel read_object(const pugi::xml_node& object, std::size_t number) {
  RawLabel label;
  label.name = "object " + std::to_string(number);
  label.shape = Label::Shape::Box;
  label.class_word = object.child_value("name");
  const pugi::xml_node box = object.child("bndbox");
  const auto edge = [&](const char* name) { return box.child(name).text().as_double(kNoNumber); };
  label.box = {edge("xmin"), edge("ymin"), edge("xmax"), edge("ymax")};
  if (!box) label.problem = "has no bndbox";
  return label;
}

}  // namespace

RawLabels read_voc_labels(const std::filesystem::path& path, const PictureFrame& picture) {
  const std::string text = read_file(path);
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(text.data(), text.size());
  require(bool(result), [&] {
    return path.string() + ": is not XML (" + result.description() + " near byte " +
           std::to_string(result.offset) + ")";
  });
  const pugi::xml_node root = document.child("annotation");
  require(bool(root),
          [&] { return path.string() + ": is not Pascal VOC; its root must be <annotation>"; });
  const pugi::xml_node size = root.child("size");
  require_same_size(
      path, size.child("width").text().as_llong(), size.child("height").text().as_llong(), picture);
  RawLabels raw;
  raw.format = "VOC";
  for (const pugi::xml_node& object : root.children("object"))
    raw.labels.push_back(read_object(object, raw.labels.size() + 1));
  return raw;
}

}  // namespace canopy
