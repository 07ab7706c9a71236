// SPDX-License-Identifier: Apache-2.0
#include "insight/tree_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <unordered_set>

#include "base/error.h"
#include "geo/crs.h"
#include "geo/vector_file.h"
#include "insight/health.h"
#include "insight/planting_pattern.h"
#include "insight/survey_summary.h"
#include "insight/tree_measures.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kOneOrchardM = 50'000;  // no tree stands farther from the others
constexpr double kMetresOfDegree = 111'000;
constexpr double kTreeLimitDeg = 72;  // no orchard grows beyond this latitude

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

const std::map<std::string, std::vector<std::string>>& names_of_columns() {
  static const std::map<std::string, std::vector<std::string>> names = {
      {"id", {"id", "tree_id", "treeid"}},
      {"lat", {"lat", "latitude"}},
      {"lng", {"lng", "lon", "long", "longitude"}},
      {"x", {"x", "easting", "east"}},
      {"y", {"y", "northing", "north"}},
      {"area", {"area", "area_m2", "crown_area", "canopy_area"}},
      {"perimeter", {"perimeter", "perimeter_m"}},
      {"ndvi", {"ndvi", "ndvi_mean"}},
      {"ndre", {"ndre", "ndre_mean"}},
      {"volume", {"volume", "volume_m3"}},
      {"height", {"height", "height_m"}},
      {"score", {"score", "confidence"}},
      {"status", {"status"}}};
  return names;
}

/// The rows of one layer, by what their columns mean.
class Rows {
 public:
  Rows(const fs::path& path, const VectorLayer& layer) : path_(path), layer_(layer) {
    for (const auto& [meaning, names] : names_of_columns())
      for (const std::string& name : names)
        for (const std::string& column : layer.columns)
          if (lower(column) == name) columns_.try_emplace(meaning, column);
  }

  bool has(const std::string& meaning) const { return columns_.contains(meaning); }
  const VectorLayer& layer() const { return layer_; }

  /// "trees.csv: row 7": the first row of a CSV is its header.
  std::string name(std::size_t row) const {
    const std::size_t header = path_.extension() == ".csv" ? 1 : 0;
    return path_.string() + ": row " + std::to_string(row + 1 + header);
  }

  std::string text(std::size_t row, const std::string& meaning) const {
    const Attribute* value = find(row, meaning);
    const auto* text = value ? std::get_if<std::string>(value) : nullptr;
    return text ? *text : std::string();
  }

  /// NaN where the cell is empty or the column missing. Throws for what is no number.
  double number(std::size_t row, const std::string& meaning) const {
    const Attribute* value = find(row, meaning);
    if (!value) return kNan;
    if (const auto* real = std::get_if<double>(value)) return *real;
    if (const auto* integer = std::get_if<std::int64_t>(value))
      return static_cast<double>(*integer);
    const auto* text = std::get_if<std::string>(value);
    if (!text || text->empty()) return kNan;
    return parsed(*text, row, meaning);
  }

 private:
  const Attribute* find(std::size_t row, const std::string& meaning) const {
    const auto column = columns_.find(meaning);
    if (column == columns_.end()) return nullptr;
    const auto& attributes = layer_.features[row].attributes;
    const auto found = attributes.find(column->second);
    return found == attributes.end() ? nullptr : &found->second;
  }

  double parsed(std::string text, std::size_t row, const std::string& meaning) const {
    const std::string as_written = text;
    text.erase(0, text.find_first_not_of(" \t+"));
    text.erase(text.find_last_not_of(" \t") + 1);
    if (text.find('.') == std::string::npos)  // 18,83 as half of Europe writes it
      if (const auto comma = text.find(','); comma != std::string::npos) text[comma] = '.';
    double value = kNan;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    require(code == std::errc() && end == text.data() + text.size(), [&] {
      return name(row) + ": " + columns_.at(meaning) + " '" + as_written +
             "' is not a number; mend it or leave the cell empty";
    });
    return value;
  }

  const fs::path& path_;
  const VectorLayer& layer_;
  std::map<std::string, std::string> columns_;
};

/// Where the trees stand, in one CRS.
struct Places {
  std::string crs;
  std::vector<Point> points;
};

void require_degrees(const Rows& rows, std::size_t row, const Point& place) {
  const auto number = [](double value) {
    std::string text = std::to_string(value);
    return text.substr(0, text.find('.') + 5);
  };
  const bool fits_swapped = std::abs(place.y) <= 180 && std::abs(place.x) <= kTreeLimitDeg;
  require(std::abs(place.y) <= kTreeLimitDeg && std::abs(place.x) <= 180, [&] {
    return rows.name(row) + ": lat " + number(place.y) + ", lng " + number(place.x) +
           " is no place where trees grow; " +
           (fits_swapped ? "lat and lng are swapped" : "give degrees, south and west negative");
  });
}

std::optional<Point> geometry_place(const Feature& feature) {
  if (feature.kind == GeometryKind::Point && !feature.points.empty()) return feature.points[0];
  if (!feature.polygon.empty()) return centroid_of(feature.polygon);
  return std::nullopt;
}

Places geometry_places(const Rows& rows, const TreeTableOptions& options) {
  Places places{rows.layer().crs.empty() ? options.table_crs : rows.layer().crs, {}};
  for (std::size_t k = 0; k < rows.layer().features.size(); ++k) {
    const auto place = geometry_place(rows.layer().features[k]);
    require(place.has_value(), [&] {
      return rows.name(k) + ": has neither a point nor a crown; give it one or leave it out";
    });
    places.points.push_back(*place);
  }
  return places;
}

Places column_places(const Rows& rows, const TreeTableOptions& options, const fs::path& path) {
  const bool in_degrees = rows.has("lat") && rows.has("lng");
  require(in_degrees || (rows.has("x") && rows.has("y")), [&] {
    std::string all;
    for (const std::string& column : rows.layer().columns)
      all += (all.empty() ? "" : ", ") + column;
    return path.string() +
           ": says nowhere where its trees stand; name two columns lat and lng (it "
           "has " +
           all + ")";
  });
  Places places{in_degrees ? "EPSG:4326" : options.table_crs, {}};
  for (std::size_t k = 0; k < rows.layer().features.size(); ++k)
    places.points.push_back(in_degrees ? Point{rows.number(k, "lng"), rows.number(k, "lat")}
                                       : Point{rows.number(k, "x"), rows.number(k, "y")});
  return places;
}

void require_one_orchard(const Rows& rows,
                         const Places& places,
                         const Point& centre,
                         bool degrees) {
  const double metres = degrees ? kMetresOfDegree : 1;
  for (std::size_t k = 0; k < places.points.size(); ++k) {
    const Point& p = places.points[k];
    const double away_m = metres * std::hypot(p.x - centre.x, p.y - centre.y);
    require(away_m < kOneOrchardM, [&] {
      return rows.name(k) + ": lies " + std::to_string(std::llround(away_m / 1000)) +
             " km from the other trees; mend its place (are lat and lng swapped there?)";
    });
  }
}

/// Checks the places and brings them into metres.
Places in_metres(const Rows& rows, Places places) {
  const bool degrees = !places.crs.empty() && is_geographic(places.crs);
  for (std::size_t k = 0; k < places.points.size(); ++k) {
    require(std::isfinite(places.points[k].x) && std::isfinite(places.points[k].y), [&] {
      return rows.name(k) + ": its place is not a number; leave the tree out or mend it";
    });
    if (degrees) require_degrees(rows, k, places.points[k]);
  }
  std::vector<double> x, y;
  for (const Point& p : places.points) x.push_back(p.x), y.push_back(p.y);
  const auto middle = static_cast<long>(x.size() / 2);
  std::nth_element(x.begin(), x.begin() + middle, x.end());
  std::nth_element(y.begin(), y.begin() + middle, y.end());
  const Point centre{x[x.size() / 2], y[y.size() / 2]};
  require_one_orchard(rows, places, centre, degrees);
  const std::string crs =
      survey_crs_of(places.crs, {{centre.x, 1, 0, centre.y, 0, -1}}, Window{0, 0, 0, 0});
  if (crs != places.crs) {
    const Reprojection metres(places.crs, crs);
    for (Point& p : places.points) p = metres(p);
  }
  return {crs, std::move(places.points)};
}

void require_range(
    const Rows& rows, std::size_t row, const char* what, double value, double low, double high) {
  require(std::isnan(value) || (value >= low && value <= high), [&] {
    return rows.name(row) + ": " + what + " " + std::to_string(value) + " cannot be" +
           (high > 1e6 ? "; it is at least 0" : "; it lies between -1 and 1");
  });
}

std::int64_t id_of(const Rows& rows, std::size_t row) {
  if (!rows.has("id")) return static_cast<std::int64_t>(row) + 1;
  const double id = rows.number(row, "id");
  require(id >= 1 && id < 9e15 && id == std::floor(id), [&] {
    return rows.name(row) +
           ": its id is no whole number from 1 on; number the trees, or leave the "
           "column out";
  });
  return static_cast<std::int64_t>(id);
}

Tree tree_of(const Rows& rows, std::size_t row, const Point& place, const Polygon& crown) {
  Tree tree;
  tree.id = id_of(rows, row);
  tree.position = place;
  tree.crown = crown;
  tree.area_m2 = rows.number(row, "area");
  if (std::isnan(tree.area_m2) && !crown.empty()) tree.area_m2 = area_of(crown);
  tree.perimeter_m = rows.number(row, "perimeter");
  if (std::isnan(tree.perimeter_m) && !crown.empty()) tree.perimeter_m = perimeter_of(crown);
  tree.ndvi = rows.number(row, "ndvi");
  tree.ndre = rows.number(row, "ndre");
  tree.volume_m3 = rows.number(row, "volume");
  tree.height_m = rows.number(row, "height");
  tree.score = rows.number(row, "score");
  for (double* value : {&tree.volume_m3, &tree.height_m, &tree.score})
    if (std::isnan(*value)) *value = 0;
  require_range(rows, row, "area", tree.area_m2, 0, 1e9);
  require_range(rows, row, "volume", tree.volume_m3, 0, 1e9);
  require_range(rows, row, "ndvi", tree.ndvi, -1, 1);
  require_range(rows, row, "ndre", tree.ndre, -1, 1);
  const std::string status = lower(rows.text(row, "status"));
  require(status.empty() || status == "alive" || status == "dead", [&] {
    return rows.name(row) + ": status '" + status + "' is unknown; write alive, dead or missing";
  });
  if (status == "dead") tree.status = TreeStatus::Dead;
  return tree;
}

void require_distinct(const Rows& rows,
                      const std::vector<Tree>& trees,
                      const std::vector<std::size_t>& row_of) {
  std::unordered_set<std::int64_t> ids;
  std::map<std::pair<double, double>, std::int64_t> places;
  for (std::size_t k = 0; k < trees.size(); ++k) {
    const std::int64_t id = trees[k].id;
    require(ids.insert(id).second, [&] {
      return rows.name(row_of[k]) + ": id " + std::to_string(id) +
             " is another tree's already; give each tree its own";
    });
    const Point& p = trees[k].position;
    const std::int64_t there = places.try_emplace({p.x, p.y}, id).first->second;
    require(there == id, [&] {
      return rows.name(row_of[k]) + ": tree " + std::to_string(id) + " stands exactly where tree " +
             std::to_string(there) + " does; remove one of them";
    });
  }
}

VectorLayer layer_of_trees(const fs::path& path, const TreeTableOptions& options) {
  if (!options.layer.empty()) return read_vector(path, options.layer);
  std::vector<std::string> names = layer_names(path);
  std::erase(names, "layer_styles");
  if (std::find(names.begin(), names.end(), "trees") != names.end())
    return read_vector(path, "trees");
  require(names.size() == 1, [&] {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return path.string() + ": which layer holds the trees? Give layer= one of " + all;
  });
  return read_vector(path, names[0]);
}

}  // namespace

TreeTable read_tree_table(const fs::path& path, const TreeTableOptions& options) {
  const VectorLayer layer = layer_of_trees(path, options);
  require(!layer.features.empty(),
          [&] { return path.string() + ": holds no tree; export the table again"; });
  const Rows rows(path, layer);
  const bool has_geometry =
      std::any_of(layer.features.begin(), layer.features.end(), [](const Feature& f) {
        return geometry_place(f).has_value();
      });
  const Places given =
      has_geometry ? geometry_places(rows, options) : column_places(rows, options, path);
  const Places placed = in_metres(rows, given);
  std::optional<Reprojection> metres, degrees;
  if (placed.crs != given.crs) metres.emplace(given.crs, placed.crs);
  if (!placed.crs.empty()) degrees.emplace(placed.crs, "EPSG:4326");
  TreeTable table{placed.crs, {}};
  std::vector<std::size_t> row_of;
  for (std::size_t k = 0; k < layer.features.size(); ++k) {
    if (lower(rows.text(k, "status")) == "missing") continue;
    const Polygon& crown = layer.features[k].polygon;
    Tree tree =
        tree_of(rows, k, placed.points[k], metres && !crown.empty() ? (*metres)(crown) : crown);
    const Point place = degrees ? (*degrees)(tree.position) : Point{kNan, kNan};
    tree.lng = place.x;
    tree.lat = place.y;
    table.trees.push_back(std::move(tree));
    row_of.push_back(k);
  }
  require_distinct(rows, table.trees, row_of);
  return table;
}

Survey survey_of(TreeTable table, const std::string& survey_id, const Boundary& boundary) {
  Survey survey;
  survey.survey_id = survey_id;
  survey.crs_wkt = table.crs;
  survey.trees = std::move(table.trees);
  if (boundary.empty())
    add_planting_pattern(survey);
  else
    add_planting_pattern(survey, boundary);
  judge_health(survey.trees);
  add_cover(survey);
  return survey;
}

}  // namespace canopy
