// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_layers.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "geo/crs.h"

namespace canopy {
namespace {

const std::vector<std::string> kTreeColumns = {"id",
                                               "lat",
                                               "lng",
                                               "ndre",
                                               "ndvi",
                                               "volume",
                                               "area",
                                               "row_index",
                                               "tree_index",
                                               "status",
                                               "health",
                                               "health_class",
                                               "score",
                                               "height",
                                               "perimeter",
                                               "model_id",
                                               "block"};

std::map<std::string, Attribute> attributes_of(const Tree& t, const std::string& model_id) {
  return {{"id", t.id},
          {"lat", t.lat},
          {"lng", t.lng},
          {"ndre", t.ndre},
          {"ndvi", t.ndvi},
          {"volume", t.volume_m3},
          {"area", t.area_m2},
          {"row_index", std::int64_t{t.row_index}},
          {"tree_index", std::int64_t{t.tree_index}},
          {"status", std::string(name_of(t.status))},
          {"health", t.health},
          {"health_class", std::string(name_of(t.health_class))},
          {"score", t.score},
          {"height", t.height_m},
          {"perimeter", t.perimeter_m},
          {"model_id", model_id},
          {"block", std::int64_t{t.block}}};
}

/// Longitude and latitude of a place; NaN without a CRS.
class Degrees {
 public:
  explicit Degrees(const std::string& crs) {
    if (!crs.empty()) to_wgs84_.emplace(crs, "EPSG:4326");
  }
  Point operator()(const Point& place) const {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    return to_wgs84_ ? (*to_wgs84_)(place) : Point{nan, nan};
  }

 private:
  std::optional<Reprojection> to_wgs84_;
};

/// Reads one feature's attributes, with the layer's name at hand for complaints.
class Reader {
 public:
  Reader(const VectorLayer& layer, const Feature& feature) : layer_(layer), feature_(feature) {}
  double number(const std::string& name) const {
    const Attribute& a = get(name);
    if (const auto* d = std::get_if<double>(&a)) return *d;
    if (const auto* i = std::get_if<std::int64_t>(&a)) return static_cast<double>(*i);
    return std::numeric_limits<double>::quiet_NaN();
  }
  int integer(const std::string& name) const {
    const double value = number(name);
    return std::isfinite(value) ? static_cast<int>(value) : 0;
  }
  /// Older surveys lack it.
  std::string text_if_there(const std::string& name) const {
    return feature_.attributes.contains(name) ? text(name) : std::string();
  }
  std::string text(const std::string& name) const {
    const auto* s = std::get_if<std::string>(&get(name));
    return s ? *s : std::string();
  }

 private:
  const Attribute& get(const std::string& name) const {
    const auto found = feature_.attributes.find(name);
    require(found != feature_.attributes.end(), [&] {
      return "layer '" + layer_.name + "': column '" + name +
             "' is missing; write the survey again";
    });
    return found->second;
  }
  const VectorLayer& layer_;
  const Feature& feature_;
};

template <class Enum>
Enum named(const std::string& name, std::initializer_list<Enum> all) {
  for (Enum e : all)
    if (name == name_of(e)) return e;
  throw Error(Fault::User,
              "'" + name + "' is no status or health class of a tree; write the survey again");
}

Tree tree_of(const VectorLayer& layer, const Feature& feature) {
  const Reader r(layer, feature);
  Tree t;
  t.id = static_cast<std::int64_t>(r.number("id"));
  t.lat = r.number("lat");
  t.lng = r.number("lng");
  t.ndre = r.number("ndre");
  t.ndvi = r.number("ndvi");
  t.volume_m3 = r.number("volume");
  t.area_m2 = r.number("area");
  t.row_index = r.integer("row_index");
  t.tree_index = r.integer("tree_index");
  t.status = named(r.text("status"), {TreeStatus::Alive, TreeStatus::Dead, TreeStatus::Missing});
  t.health = r.number("health");
  t.health_class =
      named(r.text("health_class"),
            {HealthClass::Unknown, HealthClass::Poor, HealthClass::Fair, HealthClass::Good});
  t.score = r.number("score");
  t.height_m = r.number("height");
  t.perimeter_m = r.number("perimeter");
  t.block = r.integer("block");
  t.position = {r.number("x"), r.number("y")};
  t.crown = feature.polygon;
  return t;
}

std::vector<std::int64_t> ids_of(const std::string& text) {
  std::vector<std::int64_t> ids;
  std::istringstream in(text);
  for (std::int64_t id; in >> id;) ids.push_back(id);
  return ids;
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return {};
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

std::string csv_text(const Attribute& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return std::to_string(*i);
  if (const auto* d = std::get_if<double>(&value)) return number_text(*d);
  const auto* s = std::get_if<std::string>(&value);
  if (!s || s->find_first_of(",\"\r\n") == std::string::npos) return s ? *s : std::string();
  std::string quoted = "\"";
  for (char c : *s) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

GeometryKind kind_of_trees(const Survey& survey) {
  const bool has_crown = std::any_of(
      survey.trees.begin(), survey.trees.end(), [](const Tree& t) { return !t.crown.empty(); });
  return has_crown || survey.trees.empty() ? GeometryKind::Polygon : GeometryKind::Point;
}

std::vector<VectorLayer> layers_of(const Survey& survey) {
  const Degrees degrees(survey.crs_wkt);
  const GeometryKind kind = kind_of_trees(survey);
  VectorLayer trees{"trees", survey.crs_wkt, kind, kTreeColumns, {}};
  trees.columns.insert(trees.columns.end(), {"x", "y"});
  for (const Tree& t : survey.trees) {
    Feature f{kind, {}, t.crown, attributes_of(t, survey.model_id)};
    if (kind == GeometryKind::Point) f.points = {t.position};
    f.attributes["x"] = t.position.x;
    f.attributes["y"] = t.position.y;
    trees.features.push_back(std::move(f));
  }
  VectorLayer missing{"missing",
                      survey.crs_wkt,
                      GeometryKind::Point,
                      {"lat", "lng", "block", "row_index", "tree_index", "status", "confidence"},
                      {}};
  for (const Gap& g : survey.missing) {
    const Point d = degrees(g.position);
    missing.features.push_back({GeometryKind::Point,
                                {g.position},
                                {},
                                {{"lat", d.y},
                                 {"lng", d.x},
                                 {"block", std::int64_t{g.block}},
                                 {"row_index", std::int64_t{g.row_index}},
                                 {"tree_index", std::int64_t{g.tree_index}},
                                 {"status", std::string(name_of(TreeStatus::Missing))},
                                 {"confidence", g.confidence}}});
  }
  VectorLayer rows{"rows",
                   survey.crs_wkt,
                   GeometryKind::Line,
                   {"block", "row_index", "tree_count", "tree_ids"},
                   {}};
  for (const Row& r : survey.rows) {
    std::string ids;
    for (std::int64_t id : r.tree_ids) ids += (ids.empty() ? "" : " ") + std::to_string(id);
    std::vector<Point> line = r.line;
    if (line.size() == 1) line.push_back(line[0]);  // a line has two points in every format
    rows.features.push_back({GeometryKind::Line,
                             line,
                             {},
                             {{"block", std::int64_t{r.block}},
                              {"row_index", std::int64_t{r.row_index}},
                              {"tree_count", static_cast<std::int64_t>(r.tree_ids.size())},
                              {"tree_ids", ids}}});
  }
  VectorLayer blocks{"orchard",
                     survey.crs_wkt,
                     GeometryKind::Polygon,
                     {"block", "name", "pattern", "row_spacing", "tree_spacing", "row_angle"},
                     {}};
  for (const Block& b : survey.blocks)
    if (!b.outline.empty())
      blocks.features.push_back({GeometryKind::Polygon,
                                 {},
                                 b.outline,
                                 {{"block", std::int64_t{b.block}},
                                  {"name", b.name},
                                  {"pattern", b.pattern},
                                  {"row_spacing", b.row_spacing_m},
                                  {"tree_spacing", b.tree_spacing_m},
                                  {"row_angle", b.row_angle_deg}}});
  return {std::move(trees), std::move(missing), std::move(rows), std::move(blocks)};
}

void read_layers(const std::vector<VectorLayer>& layers, Survey& survey) {
  for (const VectorLayer& layer : layers)
    for (const Feature& feature : layer.features) {
      const Reader r(layer, feature);
      if (layer.name == "trees") {
        survey.trees.push_back(tree_of(layer, feature));
      } else if (layer.name == "missing") {
        require(feature.points.size() == 1,
                "layer 'missing': a feature is no point; write the survey again");
        survey.missing.push_back({feature.points[0],
                                  r.integer("block"),
                                  r.integer("row_index"),
                                  r.integer("tree_index"),
                                  r.number("confidence")});
      } else if (layer.name == "rows") {
        survey.rows.push_back({r.integer("block"),
                               r.integer("row_index"),
                               feature.points,
                               ids_of(r.text("tree_ids"))});
        auto& line = survey.rows.back().line;
        if (line.size() == 2 && line[0] == line[1]) line.pop_back();
      } else if (layer.name == "orchard") {
        survey.blocks.push_back({r.integer("block"),
                                 r.text("pattern"),
                                 r.number("row_spacing"),
                                 r.number("tree_spacing"),
                                 r.number("row_angle"),
                                 feature.polygon,
                                 r.text_if_there("name")});
      }
    }
}

std::string csv_of(const Survey& survey) {
  std::string text;
  for (const std::string& column : kTreeColumns) text += (text.empty() ? "" : ",") + column;
  text += "\r\n";
  const auto line = [&](const std::map<std::string, Attribute>& values) {
    std::string cells;
    for (const std::string& column : kTreeColumns) {
      if (!cells.empty() || &column != &kTreeColumns.front()) cells += ",";
      if (const auto found = values.find(column); found != values.end())
        cells += csv_text(found->second);
    }
    text += cells + "\r\n";
  };
  for (const Tree& t : survey.trees) line(attributes_of(t, survey.model_id));
  const Degrees degrees(survey.crs_wkt);
  for (const Gap& g : survey.missing) {
    const Point d = degrees(g.position);
    line({{"lat", d.y},
          {"lng", d.x},
          {"row_index", std::int64_t{g.row_index}},
          {"tree_index", std::int64_t{g.tree_index}},
          {"status", std::string(name_of(TreeStatus::Missing))},
          {"score", g.confidence},
          {"model_id", survey.model_id},
          {"block", std::int64_t{g.block}}});
  }
  return text;
}

}  // namespace canopy
