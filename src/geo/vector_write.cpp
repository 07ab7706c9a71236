// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogrsf_frmts.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "geo/crs.h"
#include "geo/gdal_errors.h"
#include "geo/vector_file.h"

// All files of one vector file (a Shapefile has five) come to be in a folder beside the target,
// under a name that is swept should we be killed; they are opened again and counted, then renamed:
// the file that gives the name last.

namespace canopy {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStamp = "2026-01-01T00:00:00.000Z";  // same survey, same bytes
constexpr const char* kGeometryColumn = "geom";

enum class Format { GeoPackage, GeoJson, Shapefile, Gpx, Csv };

Format format_of(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name.ends_with(".gpkg")) return Format::GeoPackage;
  if (name.ends_with(".geojson") || name.ends_with(".json")) return Format::GeoJson;
  if (name.ends_with(".gpx")) return Format::Gpx;
  if (name.ends_with(".csv")) return Format::Csv;
  require(name.ends_with(".shp") || name.ends_with(".shp.zip"), [&] {
    return path.string() +
           ": unknown vector format; name it .gpkg, .geojson, .gpx, .csv, .shp or .shp.zip";
  });
  return Format::Shapefile;
}

const char* driver_of(Format format) {
  return format == Format::GeoPackage ? "GPKG"
         : format == Format::GeoJson  ? "GeoJSON"
         : format == Format::Gpx      ? "GPX"
         : format == Format::Csv      ? "CSV"
                                      : "ESRI Shapefile";
}

[[noreturn]] void throw_unwritten(const fs::path& path, const GdalErrors& errors) {
  std::error_code code;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const auto left = fs::space(folder, code).available;
  const bool is_full = !code && left < (1u << 20);
  throw Error(Fault::Environment,
              path.string() + ": cannot be written" + errors.suffix() +
                  (is_full ? "; the disk is full (No space left on device)" : ""));
}

/// Fixes the stamps that OGR writes, on this thread.
class FixedDate {
 public:
  FixedDate() { CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", kStamp); }
  ~FixedDate() { CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", nullptr); }
  FixedDate(const FixedDate&) = delete;
  FixedDate& operator=(const FixedDate&) = delete;
};

bool is_null(const Attribute& value) {
  const double* number = std::get_if<double>(&value);
  return std::holds_alternative<std::monostate>(value) ||
         (number != nullptr && !std::isfinite(*number));
}

/// The layer's columns, then those that only its features name.
std::vector<std::string> all_columns(const VectorLayer& layer) {
  std::vector<std::string> columns = layer.columns;
  std::set<std::string> known(columns.begin(), columns.end()), more;
  for (const Feature& feature : layer.features)
    for (const auto& [name, value] : feature.attributes)
      if (!known.contains(name)) more.insert(name);
  columns.insert(columns.end(), more.begin(), more.end());
  return columns;
}

OGRFieldType type_of(const VectorLayer& layer, const std::string& column) {
  bool has_integer = false, has_real = false;
  for (const Feature& feature : layer.features) {
    const auto it = feature.attributes.find(column);
    if (it == feature.attributes.end()) continue;
    if (std::holds_alternative<std::string>(it->second)) return OFTString;
    has_integer |= std::holds_alternative<std::int64_t>(it->second);
    has_real |= std::holds_alternative<double>(it->second);
  }
  return has_real ? OFTReal : has_integer ? OFTInteger64 : OFTString;
}

void set_field(OGRFeature& feature, int field, const Attribute& value) {
  if (is_null(value))
    feature.SetFieldNull(field);
  else if (const auto* integer = std::get_if<std::int64_t>(&value))
    feature.SetField(field, static_cast<GIntBig>(*integer));
  else if (const auto* real = std::get_if<double>(&value))
    feature.SetField(field, *real);
  else
    feature.SetField(field, std::get<std::string>(value).c_str());
}

std::unique_ptr<OGRGeometry> geometry_of(const Feature& feature) {
  if (feature.kind == GeometryKind::Point) {
    if (feature.points.empty()) return nullptr;
    return std::make_unique<OGRPoint>(feature.points[0].x, feature.points[0].y);
  }
  if (feature.kind == GeometryKind::Line) {
    if (feature.points.empty()) return nullptr;
    auto line = std::make_unique<OGRLineString>();
    for (const Point& point : feature.points) line->addPoint(point.x, point.y);
    return line;
  }
  if (feature.polygon.empty()) return nullptr;
  auto polygon = std::make_unique<OGRPolygon>();
  for (const Ring& ring : feature.polygon.rings) {
    auto closed = std::make_unique<OGRLinearRing>();
    const bool is_outer = &ring == &feature.polygon.rings.front();
    const bool turns_right = (signed_area(ring) > 0) == is_outer;
    const auto add = [&](const Point& point) { closed->addPoint(point.x, point.y); };
    if (turns_right)
      std::for_each(ring.begin(), ring.end(), add);
    else
      std::for_each(ring.rbegin(), ring.rend(), add);
    closed->closeRings();
    polygon->addRingDirectly(closed.release());
  }
  return polygon;
}

OGRwkbGeometryType ogr_type(GeometryKind kind) {
  return kind == GeometryKind::Point  ? wkbPoint
         : kind == GeometryKind::Line ? wkbLineString
                                      : wkbPolygon;
}

CPLStringList layer_options(Format format, const std::vector<std::string>& columns) {
  CPLStringList options;
  const auto has = [&](const char* name) {
    return std::any_of(columns.begin(), columns.end(), [&](const std::string& c) {
      return EQUAL(c.c_str(), name);
    });
  };
  if (format == Format::GeoPackage) {
    options.SetNameValue("GEOMETRY_NAME", kGeometryColumn);
    if (has("fid")) options.SetNameValue("FID", "ogc_fid");
  } else if (format == Format::GeoJson) {
    options.SetNameValue("RFC7946", "YES");
    options.SetNameValue("COORDINATE_PRECISION", "8");
  } else if (format == Format::Shapefile) {
    options.SetNameValue("ENCODING", "UTF-8");
    options.SetNameValue("DBF_DATE_LAST_UPDATE", "2026-01-01");
  } else if (format == Format::Csv) {
    options.SetNameValue("LINEFORMAT", "CRLF");
    options.SetNameValue("STRING_QUOTING", "IF_NEEDED");
  }
  return options;
}

/// Returns how many features it wrote.
std::int64_t write_layer(GDALDataset& dataset,
                         const VectorLayer& layer,
                         const std::string& name,
                         Format format,
                         const fs::path& path,
                         const GdalErrors& errors) {
  std::unique_ptr<OGRSpatialReference, void (*)(OGRSpatialReference*)> srs(
      layer.crs.empty() ? nullptr : new OGRSpatialReference, [](OGRSpatialReference* s) {
        if (s != nullptr) s->Release();
      });
  if (srs) {
    srs->SetFromUserInput(canonical_crs(layer.crs).c_str());
    srs->SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  }
  const std::vector<std::string> columns = all_columns(layer);
  OGRLayer* target = dataset.CreateLayer(
      name.c_str(), srs.get(), ogr_type(layer.kind), layer_options(format, columns).List());
  if (target == nullptr) throw_unwritten(path, errors);
  std::vector<int> fields;  // GPX has fields of its own before any that we ask for
  for (const std::string& column : columns) {
    OGRFieldDefn field(column.c_str(), type_of(layer, column));
    if (target->CreateField(&field) != OGRERR_NONE) throw_unwritten(path, errors);
    const int named = target->GetLayerDefn()->GetFieldIndex(column.c_str());
    fields.push_back(named >= 0 ? named : target->GetLayerDefn()->GetFieldCount() - 1);
  }
  for (const Feature& source : layer.features) {
    check(source.kind == layer.kind, "a feature is of its layer's kind");
    const std::unique_ptr<OGRFeature> feature(OGRFeature::CreateFeature(target->GetLayerDefn()));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto it = source.attributes.find(columns[i]);
      set_field(*feature, fields[i], it == source.attributes.end() ? Attribute{} : it->second);
    }
    feature->SetGeometryDirectly(geometry_of(source).release());
    if (target->CreateFeature(feature.get()) != OGRERR_NONE) throw_unwritten(path, errors);
  }
  return static_cast<std::int64_t>(layer.features.size());
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

/// The table from which QGIS takes a layer's default style.
void write_styles(GDALDataset& dataset, const std::map<std::string, std::string>& styles) {
  const auto run = [&](const std::string& sql) {
    if (OGRLayer* result = dataset.ExecuteSQL(sql.c_str(), nullptr, nullptr))
      dataset.ReleaseResultSet(result);
  };
  run("CREATE TABLE layer_styles(id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog "
      "TEXT(256), "
      "f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName "
      "TEXT(30), "
      "styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui "
      "TEXT(30), "
      "update_time DATETIME DEFAULT CURRENT_TIMESTAMP)");
  run("INSERT INTO gpkg_contents(table_name, data_type, identifier, last_change) "
      "VALUES('layer_styles', "
      "'attributes', 'layer_styles', " +
      quoted(kStamp) + ")");
  for (const auto& [layer, qml] : styles)
    run("INSERT INTO layer_styles(f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, "
        "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) VALUES('', '', " +
        quoted(layer) + ", " + quoted(kGeometryColumn) + ", " + quoted(layer) + ", " + quoted(qml) +
        ", '', 1, '', '', NULL, " + quoted(kStamp) + ")");
}

void count_back(const fs::path& file,
                const std::map<std::string, std::int64_t>& written,
                const fs::path& path) {
  GdalErrors errors;
  GDALDatasetUniquePtr dataset(GDALDataset::Open(file.c_str(), GDAL_OF_VECTOR));
  bool ok = dataset != nullptr;
  for (const auto& [name, count] : written) {
    if (!ok) break;
    OGRLayer* layer = dataset->GetLayerByName(name.c_str());
    ok = layer != nullptr && layer->GetFeatureCount() == count;
  }
  if (!ok || errors.failed()) throw_unwritten(path, errors);
}

void check_layers(const fs::path& path,
                  const std::vector<VectorLayer>& layers,
                  Format format,
                  const std::map<std::string, std::string>& styles) {
  check(!layers.empty(), "a vector file has a layer");
  for (const auto& [name, qml] : styles)
    check(std::any_of(
              layers.begin(), layers.end(), [&](const VectorLayer& l) { return l.name == name; }),
          "a style belongs to a layer that is written");
  require(format != Format::Gpx || same_crs(layers[0].crs, "EPSG:4326"), [&] {
    return path.string() + ": layer '" + layers[0].name +
           "' is not in EPSG:4326, which GPX is in; give it longitudes and latitudes";
  });
  require(format != Format::GeoJson || !layers[0].crs.empty(), [&] {
    return path.string() + ": layer '" + layers[0].name +
           "' has no CRS, but GeoJSON is in WGS 84; write a GeoPackage (.gpkg) instead";
  });
}

}  // namespace

void write_vector(const fs::path& path,
                  const std::vector<VectorLayer>& layers,
                  const std::map<std::string, std::string>& styles) {
  const Format format = format_of(path);
  check_layers(path, layers, format, styles);
  GdalErrors errors;
  const FixedDate fixed;
  AtomicFile work(fs::path(path) += ".writing");
  std::error_code code;
  if (!fs::create_directory(work.path(), code))
    throw Error(Fault::Environment, path.string() + ": cannot be written: " + code.message());
  const fs::path inside = work.path() / path.filename();
  std::map<std::string, std::int64_t> written;
  GDALDriver* driver = GetGDALDriverManager()->GetDriverByName(driver_of(format));
  if (driver == nullptr)
    throw Error(Fault::Environment, std::string("GDAL has no driver ") + driver_of(format));
  GDALDatasetUniquePtr dataset(driver->Create(inside.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
  if (dataset == nullptr) throw_unwritten(path, errors);
  const bool in_transaction =
      dataset->TestCapability(ODsCTransactions) && dataset->StartTransaction() == OGRERR_NONE;
  const bool holds_many = format == Format::GeoPackage || format == Format::Gpx;
  const std::size_t count = holds_many ? layers.size() : 1;
  const std::string stem = path.stem().stem().string();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name =
        format == Format::Shapefile || format == Format::Csv || layers[i].name.empty()
            ? stem
            : layers[i].name;
    written[name] = write_layer(*dataset, layers[i], name, format, path, errors);
  }
  if (format == Format::GeoPackage && !styles.empty()) write_styles(*dataset, styles);
  if (in_transaction && dataset->CommitTransaction() != OGRERR_NONE) throw_unwritten(path, errors);
  dataset.reset();
  if (errors.failed()) throw_unwritten(path, errors);
  count_back(inside, written, path);
  for (const auto& entry : fs::directory_iterator(work.path())) {
    if (entry.path() == inside) continue;
    AtomicFile sidecar(path.parent_path() / entry.path().filename());
    fs::rename(entry.path(), sidecar.path());
    sidecar.commit();
  }
  AtomicFile file(path);
  fs::rename(inside, file.path());
  file.commit();
}

}  // namespace canopy
