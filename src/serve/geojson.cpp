// SPDX-License-Identifier: Apache-2.0
#include "serve/geojson.h"

#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

namespace canopy {
namespace {

void append_property(std::string& text, const char* name, double value, int decimals) {
  text += ",\"";
  text += name;
  text += "\":";
  append_number(text, value, decimals);
}

void append_property(std::string& text, const char* name, std::int64_t value) {
  text += ",\"";
  text += name;
  text += "\":";
  text += std::to_string(value);
}

void append_property(std::string& text, const char* name, const std::string& value) {
  text += ",\"";
  text += name;
  text += "\":";
  text += nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

double length_of(const std::vector<Point>& line) {
  double length = 0;
  for (std::size_t i = 1; i < line.size(); ++i)
    length += std::hypot(line[i].x - line[i - 1].x, line[i].y - line[i - 1].y);
  return length;
}

}  // namespace

void append_number(std::string& text, double value, int decimals) {
  char digits[64];
  const auto [end, failure] =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals);
  if (!std::isfinite(value) || failure != std::errc()) {
    text += "null";
    return;
  }
  std::string_view number(digits, static_cast<std::size_t>(end - digits));
  if (decimals > 0) {
    while (number.ends_with('0')) number.remove_suffix(1);
    if (number.ends_with('.')) number.remove_suffix(1);
  }
  text += number == "-0" ? "0" : number;
}

void GeoJson::begin() {
  if (!text_.empty()) text_ += ",\n";
  text_ += "{\"type\":\"Feature\",\"geometry\":";
}

void GeoJson::line(const std::vector<Point>& points, bool is_closed) {
  text_ += '[';
  const std::size_t count = points.size() + (is_closed && !points.empty() ? 1 : 0);
  for (std::size_t i = 0; i < count; ++i) {
    const Point place = placing_(points[i % points.size()]);
    text_ += i == 0 ? "[" : ",[";
    append_number(text_, place.x, decimals_);
    text_ += ',';
    append_number(text_, place.y, decimals_);
    text_ += ']';
  }
  text_ += ']';
}

void GeoJson::polygon(const Polygon& polygon) {
  text_ += "{\"type\":\"Polygon\",\"coordinates\":[";
  for (std::size_t i = 0; i < polygon.rings.size(); ++i) {
    if (i > 0) text_ += ',';
    line(polygon.rings[i], true);
  }
  text_ += "]}";
}

void GeoJson::add(const Tree& tree) {
  begin();
  if (tree.crown.empty()) {
    const Point place = placing_(tree.position);
    text_ += "{\"type\":\"Point\",\"coordinates\":[";
    append_number(text_, place.x, decimals_);
    text_ += ',';
    append_number(text_, place.y, decimals_);
    text_ += "]}";
  } else {
    polygon(tree.crown);
  }
  const auto id = std::to_string(tree.id);
  text_ += ",\"id\":" + id + ",\"properties\":{\"id\":" + id;
  append_property(text_, "lat", tree.lat, 8);
  append_property(text_, "lng", tree.lng, 8);
  append_property(text_, "status", name_of(tree.status));
  append_property(text_, "health", tree.health, 4);
  append_property(text_, "health_class", name_of(tree.health_class));
  append_property(text_, "area", tree.area_m2, 3);
  append_property(text_, "perimeter", tree.perimeter_m, 3);
  append_property(text_, "height", tree.height_m > 0 ? tree.height_m : NAN, 3);
  append_property(text_, "volume", tree.volume_m3 > 0 ? tree.volume_m3 : NAN, 3);
  append_property(text_, "ndvi", tree.ndvi, 4);
  append_property(text_, "ndre", tree.ndre, 4);
  append_property(text_, "score", tree.score, 4);
  append_property(text_, "block", static_cast<std::int64_t>(tree.block));
  append_property(text_, "row_index", static_cast<std::int64_t>(tree.row_index));
  append_property(text_, "tree_index", static_cast<std::int64_t>(tree.tree_index));
  text_ += "}}";
}

void GeoJson::add(const Gap& gap) {
  begin();
  const Point place = placing_(gap.position);
  text_ += "{\"type\":\"Point\",\"coordinates\":[";
  append_number(text_, place.x, decimals_);
  text_ += ',';
  append_number(text_, place.y, decimals_);
  text_ += "]},\"properties\":{\"status\":\"missing\"";
  append_property(text_, "block", static_cast<std::int64_t>(gap.block));
  append_property(text_, "row_index", static_cast<std::int64_t>(gap.row_index));
  append_property(text_, "tree_index", static_cast<std::int64_t>(gap.tree_index));
  append_property(text_, "confidence", gap.confidence, 4);
  text_ += "}}";
}

void GeoJson::add(const Row& row) {
  begin();
  text_ += "{\"type\":\"LineString\",\"coordinates\":";
  line(row.line, false);
  text_ += "},\"properties\":{\"block\":" + std::to_string(row.block);
  append_property(text_, "row_index", static_cast<std::int64_t>(row.row_index));
  append_property(text_, "tree_count", static_cast<std::int64_t>(row.tree_ids.size()));
  append_property(text_, "length_m", length_of(row.line), 2);
  text_ += "}}";
}

void GeoJson::add(const Block& block) {
  begin();
  polygon(block.outline);
  text_ += ",\"properties\":{\"block\":" + std::to_string(block.block);
  append_property(text_, "pattern", block.pattern);
  append_property(text_, "row_spacing_m", block.row_spacing_m, 3);
  append_property(text_, "tree_spacing_m", block.tree_spacing_m, 3);
  append_property(text_, "row_angle_deg", block.row_angle_deg, 2);
  append_property(text_, "hectares", area_of(block.outline) / 10'000, 4);
  text_ += "}}";
}

std::string GeoJson::collection(const std::string& members) && {
  return "{\"type\":\"FeatureCollection\"," + members + "\"features\":[\n" + text_ + "\n]}\n";
}

}  // namespace canopy
