// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/nearest.h"
#include "geo/crs.h"
#include "geo/vector_file.h"
#include "ingest/label_formats.h"

namespace canopy {
namespace {

std::string text_of(const Attribute& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) {
    // Shapefiles often keep whole numbers as doubles.
    const auto whole = static_cast<std::int64_t>(*number);
    return static_cast<double>(whole) == *number ? std::to_string(whole) : std::to_string(*number);
  }
  return "";
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// The layer's own spelling of the attribute that holds the class; empty: it has none.
std::string class_column(const std::filesystem::path& path,
                         const VectorLayer& layer,
                         const std::string& wanted) {
  const auto spelled = [&](const std::string& name) -> std::string {
    for (const std::string& column : layer.columns)
      if (lower(column) == lower(name)) return column;
    return "";
  };
  if (!wanted.empty()) {
    std::string found = spelled(wanted);
    require(!found.empty(), [&] {
      return path.string() + ": has no attribute '" + wanted + "'" +
             suggestion(wanted, layer.columns);
    });
    return found;
  }
  for (const char* name : {"class", "label", "status", "dead", "category", "type"})
    if (std::string found = spelled(name); !found.empty()) return found;
  return "";
}

std::string format_of(const std::filesystem::path& path) {
  const std::string extension = lower(path.extension().string());
  return extension == ".gpkg"                         ? "GeoPackage"
         : extension == ".shp" || extension == ".zip" ? "Shapefile"
                                                      : "GeoJSON";
}

/// From the layer's world to the picture's pixels.
class ToPixels {
 public:
  ToPixels(const std::filesystem::path& path, const VectorLayer& layer, const PictureFrame& picture)
      : transform_(picture.world_from_pixel) {
    require(layer.crs.empty() || !picture.crs.empty(), [&] {
      return path.string() + ": its labels are placed on the ground, but " + picture.file_name +
             " has no CRS; give labels in pixels (COCO, CSV, VOC) or a georeferenced picture";
    });
    if (!layer.crs.empty() && !same_crs(layer.crs, picture.crs))
      reprojection_.emplace(layer.crs, picture.crs);
  }
  Point operator()(const Point& world) const {
    return transform_.pixel_from_world(reprojection_ ? (*reprojection_)(world) : world);
  }

 private:
  Transform transform_;
  std::optional<Reprojection> reprojection_;
};

void place(const Feature& feature, const ToPixels& to_pixels, RawLabel& label) {
  if (feature.kind == GeometryKind::Point && feature.points.size() == 1) {
    label.shape = Label::Shape::Point;
    const Point p = to_pixels(feature.points[0]);
    label.box = {p.x, p.y, p.x, p.y};
  } else if (feature.kind == GeometryKind::Polygon && !feature.polygon.empty()) {
    Polygon polygon = feature.polygon;
    for (Ring& ring : polygon.rings)
      for (Point& p : ring) p = to_pixels(p);
    label.parts.push_back(std::move(polygon));
  } else {
    label.problem = feature.kind == GeometryKind::Line ? "is a line; trees are polygons or points"
                                                       : "has no geometry";
  }
}

}  // namespace

RawLabels read_vector_labels(const std::filesystem::path& path,
                             const std::string& layer_name,
                             const std::string& class_attribute,
                             const PictureFrame& picture) {
  const VectorLayer layer = read_vector(path, layer_name);
  RawLabels raw;
  raw.format = format_of(path);
  if (layer.features.empty()) return raw;
  const std::string column = class_column(path, layer, class_attribute);
  const ToPixels to_pixels(path, layer, picture);
  for (const Feature& feature : layer.features) {
    RawLabel label;
    label.name = "feature " + std::to_string(raw.labels.size() + 1);
    if (const auto value = feature.attributes.find(column); value != feature.attributes.end())
      label.class_word = text_of(value->second);
    label.is_dead_flag = lower(column) == "dead";
    try {
      place(feature, to_pixels, label);
    } catch (const Error& error) {
      label.problem = std::string("cannot be placed on the picture: ") + error.what();
    }
    raw.labels.push_back(std::move(label));
  }
  return raw;
}

}  // namespace canopy
