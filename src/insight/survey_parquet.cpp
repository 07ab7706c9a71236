// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_parquet.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "catalog/duckdb_session.h"
#include "geo/crs.h"
#include "geo/vector_file.h"
#include "insight/survey_layers.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

/// Well-known binary, little-endian, in hex digits.
class Wkb {
 public:
  std::string point(const Point& p) {
    head(1);
    add(p);
    return std::move(hex_);
  }
  std::string polygon(const Polygon& polygon) {
    head(3);
    add(static_cast<std::uint32_t>(polygon.rings.size()));
    for (const Ring& ring : polygon.rings) {
      add(static_cast<std::uint32_t>(ring.size() + 1));
      for (const Point& p : ring) add(p);
      add(ring.front());
    }
    return std::move(hex_);
  }

 private:
  void head(std::uint32_t type) {
    hex_ = "01";
    add(type);
  }
  void add(const Point& p) {
    bytes(&p.x, sizeof p.x);
    bytes(&p.y, sizeof p.y);
  }
  void add(std::uint32_t value) { bytes(&value, sizeof value); }
  void bytes(const void* from, std::size_t size) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    const auto* byte = static_cast<const unsigned char*>(from);
    for (std::size_t k = 0; k < size; ++k) {
      hex_ += kDigits[byte[k] >> 4];
      hex_ += kDigits[byte[k] & 15];
    }
  }
  std::string hex_;
};

struct Bounds {
  double x0 = 1e300, y0 = 1e300, x1 = -1e300, y1 = -1e300;
  void take(const Point& p) {
    x0 = std::min(x0, p.x), y0 = std::min(y0, p.y);
    x1 = std::max(x1, p.x), y1 = std::max(y1, p.y);
  }
};

const char* sql_type(const VectorLayer& layer, const std::string& column) {
  for (const Feature& feature : layer.features) {
    const Attribute& value = feature.attributes.at(column);
    if (std::holds_alternative<std::string>(value)) return "VARCHAR";
    if (std::holds_alternative<std::int64_t>(value)) return "BIGINT";
  }
  return "DOUBLE";
}

Cell cell_of(const Attribute& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  const auto* real = std::get_if<double>(&value);
  if (!real || !std::isfinite(*real)) return std::monostate{};
  return *real;
}

std::string metadata(const Bounds& bounds, GeometryKind kind, bool has_crs) {
  Json geometry = {{"encoding", "WKB"},
                   {"geometry_types", {kind == GeometryKind::Point ? "Point" : "Polygon"}},
                   {"orientation", "counterclockwise"}};
  if (!has_crs) geometry["crs"] = nullptr;
  if (bounds.x0 <= bounds.x1) geometry["bbox"] = {bounds.x0, bounds.y0, bounds.x1, bounds.y1};
  return Json{
      {"version", "1.1.0"}, {"primary_column", "geometry"}, {"columns", {{"geometry", geometry}}}}
      .dump();
}

/// Fills the table `trees`; returns what the geometries take up.
Bounds fill(DuckdbSession& session, const VectorLayer& layer) {
  std::optional<Reprojection> degrees;
  if (!layer.crs.empty()) degrees.emplace(layer.crs, "EPSG:4326");
  Bounds bounds;
  DuckdbSession::Appender rows(session, "trees");
  for (const Feature& feature : layer.features) {
    for (const std::string& column : layer.columns)
      rows.append(cell_of(feature.attributes.at(column)));
    if (layer.kind == GeometryKind::Point) {
      const Point place = degrees ? (*degrees)(feature.points.at(0)) : feature.points.at(0);
      bounds.take(place);
      rows.append(Wkb().point(place));
    } else if (feature.polygon.empty()) {
      rows.append(std::monostate{});
    } else {
      Polygon crown = degrees ? (*degrees)(feature.polygon) : feature.polygon;
      turn_rings(crown);
      for (const Point& p : crown.rings[0]) bounds.take(p);
      rows.append(Wkb().polygon(crown));
    }
    rows.end_row();
  }
  rows.close();
  return bounds;
}

}  // namespace

void write_survey_parquet(const Survey& survey, const std::filesystem::path& path) {
  const VectorLayer layer = layers_of(survey).at(0);
  SessionSettings settings;
  settings.threads = 1;  // the same trees, the same bytes
  DuckdbSession session(settings);
  std::string columns, names;
  for (const std::string& column : layer.columns) {
    columns += sql_name(column) + " " + sql_type(layer, column) + ", ";
    names += sql_name(column) + ", ";
  }
  session.execute("CREATE TABLE trees (" + columns + "geometry VARCHAR)");
  const Bounds bounds = fill(session, layer);
  AtomicFile file(path);
  session.execute(
      "COPY (SELECT " + names + "unhex(geometry) AS geometry FROM trees) TO " +
      sql_text(file.path().string()) + " (FORMAT parquet, COMPRESSION zstd, " +
      "KV_METADATA {geo: " + sql_text(metadata(bounds, layer.kind, !layer.crs.empty())) + "})");
  std::int64_t count = -1;
  session.for_each_row(
      "SELECT count(*)::BIGINT FROM read_parquet(" + sql_text(file.path().string()) + ")",
      [&](const std::vector<Cell>& row) {
        count = std::get<std::int64_t>(row.at(0));
        return false;
      });
  if (count != static_cast<std::int64_t>(layer.features.size()))
    throw Error(Fault::Environment,
                path.string() + ": holds " + std::to_string(count) + " of " +
                    std::to_string(layer.features.size()) + " trees; is the disk full?");
  file.commit();
}

}  // namespace canopy
