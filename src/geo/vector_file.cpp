// SPDX-License-Identifier: Apache-2.0
#include "geo/vector_file.h"

#include <algorithm>

#include <ogrsf_frmts.h>

#include "base/error.h"
#include "base/nearest.h"
#include "geo/crs.h"
#include "geo/gdal_errors.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

GDALDatasetUniquePtr open_vector(const fs::path& path) {
  const std::string name = path.string();
  if (!fs::exists(path)) throw Error(Fault::NotFound, name + ": no such file");
  GdalErrors errors;
  static const char* const drivers[] = {"GPKG", "GeoJSON", "ESRI Shapefile", nullptr};
  static const char* const table_driver[] = {"CSV", nullptr};
  const bool is_table = path.extension() == ".csv";
  GDALDatasetUniquePtr dataset(
      GDALDataset::Open(name.c_str(), GDAL_OF_VECTOR, is_table ? table_driver : drivers));
  require(dataset != nullptr, [&] {
    const bool says_more =
        errors.failed() && errors.text().find("not recognized") == std::string::npos;
    return name +
           ": is not a vector file that can be read (GeoPackage, GeoJSON, Shapefile or CSV)" +
           (says_more ? errors.suffix() : "");
  });
  return dataset;
}

Attribute attribute_of(OGRFeature& feature, int field) {
  if (!feature.IsFieldSetAndNotNull(field)) return std::monostate{};
  switch (feature.GetFieldDefnRef(field)->GetType()) {
    case OFTInteger:
    case OFTInteger64:
      return static_cast<std::int64_t>(feature.GetFieldAsInteger64(field));
    case OFTReal:
      return feature.GetFieldAsDouble(field);
    default:
      return std::string(feature.GetFieldAsString(field));
  }
}

/// Without the repeated end, turned as `is_outer` asks.
Ring ring_of(const OGRLineString& line, bool is_outer) {
  Ring ring;
  for (int i = 0; i < line.getNumPoints(); ++i) ring.push_back({line.getX(i), line.getY(i)});
  while (ring.size() > 1 && ring.front() == ring.back()) ring.pop_back();
  if ((signed_area(ring) > 0) != is_outer) std::reverse(ring.begin(), ring.end());
  return ring;
}

/// Adds one feature per part of `geometry`.
void add_parts(const OGRGeometry& geometry, const Feature& like, std::vector<Feature>& features) {
  Feature feature = like;
  switch (wkbFlatten(geometry.getGeometryType())) {
    case wkbPoint: {
      feature.kind = GeometryKind::Point;
      const auto& point = *geometry.toPoint();
      if (!point.IsEmpty()) feature.points = {{point.getX(), point.getY()}};
      break;
    }
    case wkbLineString: {
      feature.kind = GeometryKind::Line;
      const auto& line = *geometry.toLineString();
      for (int i = 0; i < line.getNumPoints(); ++i)
        feature.points.push_back({line.getX(i), line.getY(i)});
      break;
    }
    case wkbPolygon: {
      feature.kind = GeometryKind::Polygon;
      const auto& polygon = *geometry.toPolygon();
      for (const auto* ring : polygon) {
        Ring points = ring_of(*ring, feature.polygon.empty());
        if (points.size() >= 3)
          feature.polygon.rings.push_back(std::move(points));
        else if (feature.polygon.empty())
          break;
      }
      break;
    }
    case wkbMultiPoint:
    case wkbMultiLineString:
    case wkbMultiPolygon:
    case wkbGeometryCollection:
      for (const auto* part : *geometry.toGeometryCollection()) add_parts(*part, like, features);
      if (!geometry.IsEmpty()) return;
      break;
    default:  // TINs and the like: nothing that a tree could be
      break;
  }
  features.push_back(std::move(feature));
}

GeometryKind kind_of(OGRwkbGeometryType type, GeometryKind otherwise) {
  switch (wkbFlatten(OGR_GT_GetLinear(type))) {
    case wkbPoint:
    case wkbMultiPoint:
      return GeometryKind::Point;
    case wkbLineString:
    case wkbMultiLineString:
      return GeometryKind::Line;
    case wkbPolygon:
    case wkbMultiPolygon:
      return GeometryKind::Polygon;
    default:
      return otherwise;
  }
}

std::string crs_of(OGRLayer& layer) {
  const OGRSpatialReference* srs = layer.GetSpatialRef();
  if (srs == nullptr || srs->IsEmpty()) return "";
  // GeoPackage's way to say that nothing is known.
  const char* name = srs->GetName();
  if (name != nullptr && std::string(name).starts_with("Undefined ")) return "";
  char* wkt = nullptr;
  srs->exportToWkt(&wkt);
  const std::string text = wkt == nullptr ? "" : wkt;
  CPLFree(wkt);
  return text.empty() ? "" : canonical_crs(text);
}

std::vector<std::string> names_of(GDALDataset& dataset) {
  std::vector<std::string> names;
  for (OGRLayer* layer : dataset.GetLayers()) names.emplace_back(layer->GetName());
  return names;
}

void read_features(OGRLayer& layer, VectorLayer& result) {
  const OGRFeatureDefn& definition = *layer.GetLayerDefn();
  for (int i = 0; i < definition.GetFieldCount(); ++i)
    result.columns.emplace_back(definition.GetFieldDefn(i)->GetNameRef());
  for (auto& source : layer) {
    Feature feature;
    feature.kind = result.kind;
    for (int i = 0; i < definition.GetFieldCount(); ++i)
      feature.attributes[result.columns[static_cast<std::size_t>(i)]] = attribute_of(*source, i);
    const OGRGeometry* geometry = source->GetGeometryRef();
    if (geometry == nullptr) {
      result.features.push_back(std::move(feature));
      continue;
    }
    const std::unique_ptr<OGRGeometry> linear(geometry->getLinearGeometry());
    add_parts(*linear, feature, result.features);
  }
}

}  // namespace

std::vector<std::string> layer_names(const fs::path& path) {
  const GDALDatasetUniquePtr dataset = open_vector(path);
  return names_of(*dataset);
}

VectorLayer read_vector(const fs::path& path, const std::string& layer) {
  const GDALDatasetUniquePtr dataset = open_vector(path);
  const std::vector<std::string> names = names_of(*dataset);
  require(!names.empty(), [&] { return path.string() + ": has no layers"; });
  const std::string& wanted = layer.empty() ? names.front() : layer;
  OGRLayer* source = dataset->GetLayerByName(wanted.c_str());
  require(source != nullptr, [&] {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return path.string() + ": has no layer '" + layer + "'" + suggestion(layer, names) +
           " (its layers: " + all + ")";
  });
  GdalErrors errors;
  VectorLayer result;
  result.name = source->GetName();
  result.crs = crs_of(*source);
  result.kind = kind_of(source->GetGeomType(), GeometryKind::Polygon);
  read_features(*source, result);
  require(!errors.failed(), [&] {
    return path.string() + ": layer '" + result.name + "' cannot be read" + errors.suffix() +
           "; the file is damaged, copy or export it again";
  });
  // A layer of mixed kinds is called after its first feature.
  if (kind_of(source->GetGeomType(), GeometryKind::Polygon) !=
          kind_of(source->GetGeomType(), GeometryKind::Point) &&
      !result.features.empty())
    result.kind = result.features.front().kind;
  return result;
}

}  // namespace canopy
