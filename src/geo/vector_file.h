// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "geo/polygon.h"

// Vector files through GDAL: GeoPackage, GeoJSON, Shapefile and CSV, by their extension; GPX is
// written.

namespace canopy {

using Attribute = std::variant<std::monostate, std::int64_t, double, std::string>;

enum class GeometryKind { Point, Line, Polygon };

struct Feature {
  GeometryKind kind = GeometryKind::Polygon;
  std::vector<Point> points = {};  ///< one for a point, the vertices of a line
  Polygon polygon = {};            ///< multi-polygons become one feature per part when read
  std::map<std::string, Attribute> attributes = {};
};

struct VectorLayer {
  std::string name = {}, crs = {};  ///< crs empty: not stated
  GeometryKind kind = GeometryKind::Polygon;
  std::vector<std::string> columns = {};  ///< order of the attributes when written
  std::vector<Feature> features = {};
};

/// Reads a layer (the first one when `layer` is empty). Rings are turned as polygon.h says, heights
/// dropped, curves made lines. A feature without geometry comes with an empty polygon or no points,
/// so that the caller can name it; what is null has std::monostate. A CSV has no geometry and all
/// its attributes are texts. Throws NotFound, or User with
/// the file and the remedy.
VectorLayer read_vector(const std::filesystem::path& path, const std::string& layer = {});
std::vector<std::string> layer_names(const std::filesystem::path& path);

/// Writes all layers to one GeoPackage (.gpkg), or the first to GeoJSON (.geojson, RFC 7946:
/// reprojected to WGS 84) or a Shapefile (.shp, or zipped .shp.zip; names of columns are cut to 10
/// characters), or all layers to GPX 1.1 (.gpx: in EPSG:4326, named "waypoints" or "route_points",
/// with the standard's own columns: name, desc, sym; route_fid, route_name), or the attributes of
/// the first to CSV (RFC 4180 with a header line), atomically, the same layers always as the same
/// bytes (but for the zip's own times); counts the features back. A number that is not finite is
/// written as null; attributes that `columns` does not list follow in the order of their names.
/// Throws Environment on a full disk. `styles`: QGIS QML by layer name, written as layer_styles
/// (GeoPackage only).
void write_vector(const std::filesystem::path& path,
                  const std::vector<VectorLayer>& layers,
                  const std::map<std::string, std::string>& styles = {});

}  // namespace canopy
