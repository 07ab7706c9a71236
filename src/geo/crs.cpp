// SPDX-License-Identifier: Apache-2.0
#include "geo/crs.h"

#include <cmath>
#include <cstdio>
#include <numbers>

#include <cpl_conv.h>
#include <ogr_spatialref.h>

#include "base/error.h"
#include "geo/gdal_errors.h"

namespace canopy {
namespace {

/// The horizontal part of what `crs` names, x east / longitude first.
OGRSpatialReference parse(const std::string& crs) {
  GdalErrors errors;
  OGRSpatialReference srs;
  const OGRErr result =
      crs.empty() ? OGRERR_CORRUPT_DATA
                  : srs.SetFromUserInput(
                        crs.c_str(), OGRSpatialReference::SET_FROM_USER_INPUT_LIMITATIONS_get());
  require(result == OGRERR_NONE, [&] {
    return "'" + crs.substr(0, 60) + "' is not a known CRS" + errors.suffix() +
           "; name it as EPSG:32734 or give its WKT";
  });
  if (srs.IsCompound()) srs.StripVertical();
  if (srs.GetAxesCount() == 3) srs.DemoteTo2D(nullptr);
  srs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  return srs;
}

std::string authority_code(const OGRSpatialReference& srs) {
  const char* authority = srs.GetAuthorityName(nullptr);
  const char* code = srs.GetAuthorityCode(nullptr);
  return authority == nullptr || code == nullptr ? "" : std::string(authority) + ":" + code;
}

/// The code of the one CRS in PROJ's database that PROJ is certain of, or nothing.
std::string certain_match(const OGRSpatialReference& srs) {
  int count = 0;
  int* confidences = nullptr;
  OGRSpatialReferenceH* matches = srs.FindMatches(nullptr, &count, &confidences);
  std::string code;
  if (count > 0 && confidences[0] == 100 && (count == 1 || confidences[1] < 100))
    code = authority_code(*OGRSpatialReference::FromHandle(matches[0]));
  OSRFreeSRSArray(matches);
  CPLFree(confidences);
  return code;
}

}  // namespace

struct Reprojection::Impl {
  std::string from, to;
  std::unique_ptr<OGRCoordinateTransformation> transformation;
};

Reprojection::Reprojection(const std::string& from, const std::string& to)
    : impl_(std::make_unique<Impl>()) {
  OGRSpatialReference source = parse(from), target = parse(to);
  GdalErrors errors;
  impl_->from = from;
  impl_->to = to;
  impl_->transformation.reset(OGRCreateCoordinateTransformation(&source, &target));
  require(impl_->transformation != nullptr, [&] {
    return "no transformation from " + from.substr(0, 60) + " to " + to.substr(0, 60) +
           errors.suffix() + "; give both in a CRS that PROJ relates to WGS 84";
  });
}

Reprojection::~Reprojection() = default;
Reprojection::Reprojection(Reprojection&&) noexcept = default;

Point Reprojection::operator()(const Point& point) const {
  GdalErrors errors;
  double x = point.x, y = point.y;
  const bool ok = std::isfinite(x) && std::isfinite(y) &&
                  impl_->transformation->Transform(1, &x, &y) && std::isfinite(x) &&
                  std::isfinite(y);
  require(ok, [&] {
    char place[80];
    std::snprintf(place, sizeof place, "(%.10g, %.10g)", point.x, point.y);
    return std::string(place) + " of " + impl_->from.substr(0, 60) + " has no place in " +
           impl_->to.substr(0, 60) + errors.suffix() + "; is the stated CRS the right one?";
  });
  return {x, y};
}

Polygon Reprojection::operator()(const Polygon& polygon) const {
  Polygon result = polygon;
  for (Ring& ring : result.rings)
    for (Point& point : ring) point = (*this)(point);
  return result;
}

std::string canonical_crs(const std::string& crs) {
  OGRSpatialReference srs = parse(crs);
  GdalErrors errors;
  std::string code = authority_code(srs);
  if (code.empty() && srs.AutoIdentifyEPSG() == OGRERR_NONE) code = authority_code(srs);
  if (code.empty()) code = certain_match(srs);
  if (!code.empty()) return code;
  char* wkt = nullptr;
  const OGRErr result = srs.exportToWkt(&wkt);
  std::string text = wkt == nullptr ? "" : wkt;
  CPLFree(wkt);
  require(result == OGRERR_NONE && !text.empty(),
          [&] { return "'" + crs.substr(0, 60) + "' has no WKT" + errors.suffix(); });
  return text;
}

std::string proj4_of(const std::string& crs) {
  const OGRSpatialReference srs = parse(crs);
  GdalErrors errors;
  char* proj4 = nullptr;
  const OGRErr result = srs.exportToProj4(&proj4);
  std::string text = proj4 == nullptr ? "" : proj4;
  CPLFree(proj4);
  require(result == OGRERR_NONE && !text.empty(), [&] {
    return "'" + crs.substr(0, 60) + "' cannot be written as a PROJ string" + errors.suffix() +
           "; reproject to UTM";
  });
  return text;
}

bool same_crs(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const OGRSpatialReference first = parse(a), second = parse(b);
  const char* const options[] = {
      "IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", "CRITERION=EQUIVALENT", nullptr};
  return first.IsSame(&second, options) != 0;
}

bool is_geographic(const std::string& crs) { return parse(crs).IsGeographic() != 0; }

double metres_per_unit(const std::string& crs) {
  const OGRSpatialReference srs = parse(crs);
  require(!srs.IsGeographic(), [&] {
    return crs.substr(0, 60) + " is in degrees, which have no length in metres; reproject to UTM";
  });
  return srs.GetLinearUnits();
}

std::string utm_crs(double lng, double lat) {
  require(std::isfinite(lng) && std::abs(lat) <= 90, [&] {
    return "longitude " + std::to_string(lng) + ", latitude " + std::to_string(lat) +
           " is no place on Earth; is it longitude first?";
  });
  const double turned = lng - 360 * std::floor((lng + 180) / 360);
  const int zone = static_cast<int>(std::floor((turned + 180) / 6)) + 1;
  return "EPSG:" + std::to_string((lat < 0 ? 32700 : 32600) + zone);
}

Point ellipsoid_step_m(const Point& from_deg, const Point& to_deg) {
  constexpr double kA = 6378137, kE2 = 0.00669437999014, kRad = std::numbers::pi / 180;
  const double sine = std::sin((from_deg.y + to_deg.y) / 2 * kRad);
  const double w = 1 - kE2 * sine * sine;
  const double prime_vertical = kA / std::sqrt(w), meridional = kA * (1 - kE2) / (w * std::sqrt(w));
  return {(to_deg.x - from_deg.x) * kRad * prime_vertical * std::sqrt(1 - sine * sine),
          (to_deg.y - from_deg.y) * kRad * meridional};
}

double ground_pixel_m(const std::string& crs,
                      const Transform& world_from_pixel,
                      double column,
                      double row) {
  const auto edge = [](const Point& a, const Point& b) {
    return std::sqrt(std::abs(a.x * b.y - a.y * b.x));
  };
  const OGRSpatialReference srs = parse(crs);
  const auto& t = world_from_pixel.t;
  double nominal = 0;
  if (!srs.IsGeographic()) nominal = edge({t[1], t[4]}, {t[2], t[5]}) * srs.GetLinearUnits();
  if (srs.IsLocal()) return nominal;
  const Reprojection degrees(crs, "EPSG:4326");
  const Point at = degrees(world_from_pixel.world_from_pixel(column, row));
  const Point right = degrees(world_from_pixel.world_from_pixel(column + 1, row));
  const Point below = degrees(world_from_pixel.world_from_pixel(column, row + 1));
  const double ground = edge(ellipsoid_step_m(at, right), ellipsoid_step_m(at, below));
  return std::abs(nominal / ground - 1) < 0.002 ? nominal : ground;
}

}  // namespace canopy
