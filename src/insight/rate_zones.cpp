// SPDX-License-Identifier: Apache-2.0
#include "insight/rate_zones.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.h"
#include "geo/crs.h"
#include "insight/class_breaks.h"
#include "insight/point_index.h"
#include "insight/polygon_sets.h"
#include "insight/tree_choice.h"

namespace canopy {
namespace {

constexpr double kMostCells = 4e6;
constexpr double kLeastGround_m2 = 1e-6;

/// The grid as a plane: metres from its south-west corner.
struct Plane {
  Point corner, degrees_per_m;
  Point metres(const Point& degrees) const {
    return {(degrees.x - corner.x) / degrees_per_m.x, (degrees.y - corner.y) / degrees_per_m.y};
  }
  Point degrees(const Point& metres) const {
    return {corner.x + metres.x * degrees_per_m.x, corner.y + metres.y * degrees_per_m.y};
  }
  template <class Change>
  static std::vector<Polygon> each(std::vector<Polygon> polygons, Change change) {
    for (Polygon& polygon : polygons)
      for (Ring& ring : polygon.rings)
        for (Point& point : ring) point = change(point);
    return polygons;
  }
  std::vector<Polygon> metres(const std::vector<Polygon>& polygons) const {
    return each(polygons, [this](const Point& p) { return metres(p); });
  }
  std::vector<Polygon> degrees(const std::vector<Polygon>& polygons) const {
    return each(polygons, [this](const Point& p) { return degrees(p); });
  }
};

Plane plane_of(const RateGrid& grid) {
  return {grid.corner, {grid.cell_lng_deg / grid.cell_m, grid.cell_lat_deg / grid.cell_m}};
}

double value_of(const Tree& tree, const std::string& by) {
  static const std::map<std::string, double Tree::*> kValues = {{"health", &Tree::health},
                                                                {"volume", &Tree::volume_m3},
                                                                {"area", &Tree::area_m2},
                                                                {"ndvi", &Tree::ndvi},
                                                                {"ndre", &Tree::ndre}};
  const auto found = kValues.find(by);
  require(found != kValues.end(),
          [&] { return "by: '" + by + "' is unknown; say health, volume, area, ndvi or ndre"; });
  return tree.*found->second;
}

struct Samples {
  std::vector<Point> degrees;
  std::vector<double> values;
};

Samples samples_of(const Survey& survey, const std::string& by, const std::vector<Block>& blocks) {
  const Reprojection to_degrees(survey.crs_wkt, "EPSG:4326");
  Samples samples;
  bool is_any = false;  // volumes are 0 without a surface model
  for (const Tree& tree : survey.trees) {
    const double value = value_of(tree, by);
    const bool is_in = std::any_of(
        blocks.begin(), blocks.end(), [&](const Block& b) { return b.block == tree.block; });
    if (!is_in || tree.status != TreeStatus::Alive || !std::isfinite(value)) continue;
    is_any |= value != 0;
    samples.degrees.push_back(to_degrees(tree.position));
    samples.values.push_back(value);
  }
  require(is_any, [&] {
    return "survey '" + survey.survey_id + "': no living tree has a " + by +
           " to make zones of; follow another value, such as by=area";
  });
  return samples;
}

std::vector<Polygon> field_of(const Survey& survey, std::vector<Block>& blocks) {
  std::erase_if(blocks, [](const Block& b) { return b.outline.empty(); });
  require(!blocks.empty(), [&] {
    return "survey '" + survey.survey_id +
           "': no block with an outline was found, so there is no field to spread on";
  });
  const Reprojection to_degrees(survey.crs_wkt, "EPSG:4326");
  std::vector<Polygon> outlines;
  for (const Block& block : blocks) outlines.push_back(to_degrees(block.outline));
  return outlines;
}

RateGrid grid_over(const std::vector<Polygon>& field, double cell_m) {
  Point low{1e9, 1e9}, high{-1e9, -1e9};
  for (const Polygon& polygon : field)
    for (const Point& p : polygon.rings[0]) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  constexpr double kStep = 1e-4;
  const Point middle{(low.x + high.x) / 2, (low.y + high.y) / 2};
  const Point step = ellipsoid_step_m({middle.x - kStep / 2, middle.y - kStep / 2},
                                      {middle.x + kStep / 2, middle.y + kStep / 2});
  RateGrid grid;
  grid.corner = low;
  grid.cell_m = cell_m;
  grid.cell_lng_deg = cell_m * kStep / step.x;
  grid.cell_lat_deg = cell_m * kStep / step.y;
  const double columns = std::ceil((high.x - low.x) / grid.cell_lng_deg),
               rows = std::ceil((high.y - low.y) / grid.cell_lat_deg);
  require(columns * rows <= kMostCells, [&] {
    return "cell-m: " + std::to_string(cell_m) + " makes " + std::to_string(columns * rows) +
           " cells; give a wider cell";
  });
  grid.columns = std::max(1, static_cast<int>(columns));
  grid.rows = std::max(1, static_cast<int>(rows));
  return grid;
}

/// Sutherland and Hodgman (1974), one side: what lies at or above `limit` along `axis`, or below
/// it.
Ring clipped(const Ring& ring, double Point::*axis, double limit, bool above) {
  Ring kept;
  const auto inside = [&](const Point& p) { return above ? p.*axis >= limit : p.*axis <= limit; };
  for (std::size_t k = 0; k < ring.size(); ++k) {
    const Point &a = ring[k], &b = ring[(k + 1) % ring.size()];
    if (inside(a)) kept.push_back(a);
    if (inside(a) == inside(b)) continue;
    const double t = (limit - a.*axis) / (b.*axis - a.*axis);
    Point cut{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
    cut.*axis = limit;
    kept.push_back(cut);
  }
  return kept;
}

/// Holes run the other way, so their areas come off by themselves.
std::vector<double> areas_of_cells(const std::vector<Polygon>& field_m, const RateGrid& grid) {
  std::vector<double> areas;
  for (int row = 0; row < grid.rows; ++row) {
    std::vector<Ring> strip;
    for (const Polygon& polygon : field_m)
      for (const Ring& ring : polygon.rings)
        strip.push_back(clipped(clipped(ring, &Point::y, row * grid.cell_m, true),
                                &Point::y,
                                (row + 1) * grid.cell_m,
                                false));
    for (int column = 0; column < grid.columns; ++column) {
      double area = 0;
      for (const Ring& ring : strip)
        area += signed_area(clipped(clipped(ring, &Point::x, column * grid.cell_m, true),
                                    &Point::x,
                                    (column + 1) * grid.cell_m,
                                    false));
      areas.push_back(area > kLeastGround_m2 ? area : 0);
    }
  }
  return areas;
}

double smoothed(const Point& at, const PointIndex& trees, const Samples& samples, double cell_m) {
  const double sd = 0.5 * cell_m;
  double sum = 0, weights = 0;
  for (int k : trees.within(at, 3 * sd)) {
    const double d = distance(at, trees.points()[static_cast<std::size_t>(k)]) / sd;
    const double weight = std::exp(-0.5 * d * d);
    sum += weight * samples.values[static_cast<std::size_t>(k)];
    weights += weight;
  }
  if (weights > 0) return sum / weights;
  return samples.values[static_cast<std::size_t>(trees.nearest(at, 1).at(0))];
}

void fill_values(RateGrid& grid, const Samples& samples) {
  const Plane plane = plane_of(grid);
  std::vector<Point> places;
  for (const Point& p : samples.degrees) places.push_back(plane.metres(p));
  const PointIndex trees(places);
  for (int k = 0; k < grid.columns * grid.rows; ++k) {
    const Point centre{(k % grid.columns + 0.5) * grid.cell_m,
                       (k / grid.columns + 0.5) * grid.cell_m};
    const bool is_field = grid.area_m2[static_cast<std::size_t>(k)] > 0;
    grid.value.push_back(is_field ? smoothed(centre, trees, samples, grid.cell_m) : 0);
  }
}

void fill_zones(RateGrid& grid, const FertiliserOptions& options) {
  std::vector<double> values, weights;
  for (std::size_t k = 0; k < grid.value.size(); ++k)
    if (grid.area_m2[k] > 0) {
      values.push_back(grid.value[k]);
      weights.push_back(grid.area_m2[k]);
    }
  const auto breaks =
      class_breaks(values, weights, static_cast<int>(options.rates.size()), options.breaks);
  for (std::size_t k = 0; k < grid.value.size(); ++k)
    grid.zone.push_back(grid.area_m2[k] > 0 ? 1 + class_of(grid.value[k], breaks) : 0);
}

/// The cells of a zone, run by run.
std::vector<Polygon> runs_of(const RateGrid& grid, int zone) {
  std::vector<Polygon> runs;
  const auto is_zone = [&](int row, int column) {
    return column < grid.columns &&
           grid.zone[static_cast<std::size_t>(row * grid.columns + column)] == zone;
  };
  for (int row = 0; row < grid.rows; ++row)
    for (int first = 0; first < grid.columns; ++first) {
      if (!is_zone(row, first)) continue;
      int end = first;
      while (is_zone(row, end)) ++end;
      const double west = first * grid.cell_m, east = end * grid.cell_m, south = row * grid.cell_m,
                   north = (row + 1) * grid.cell_m;
      runs.push_back({{{{west, south}, {east, south}, {east, north}, {west, north}}}});
      first = end;
    }
  return runs;
}

RateZone zone_of(const RateGrid& grid, int zone, double rate, const std::vector<Polygon>& field_m) {
  RateZone result{.zone = zone, .rate_kg_ha = rate};
  result.from = result.to = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t k = 0; k < grid.zone.size(); ++k)
    if (grid.zone[k] == zone) {
      result.from = std::fmin(result.from, grid.value[k]);
      result.to = std::fmax(result.to, grid.value[k]);
    }
  const auto parts_m = common(runs_of(grid, zone), field_m);
  result.area_ha = total_area(parts_m) / 10000;
  result.product_kg = result.area_ha * rate;
  result.parts = plane_of(grid).degrees(parts_m);
  return result;
}

}  // namespace

void FertiliserOptions::validate() const {
  require(!rates.empty() && rates.size() <= 9,
          "rates: give one to nine, in kg/ha, that of the weakest trees first");
  for (double rate : rates)
    require(std::isfinite(rate) && rate >= 0 && rate <= 20000, [&] {
      return "rates: " + std::to_string(rate) + " is no rate in kg/ha; give 0 to 20000";
    });
  require(cell_m >= 1, [&] {
    return "cell-m: " + std::to_string(cell_m) + " is narrower than any spreader; give 1 or more";
  });
}

double RateMap::area_ha() const {
  double sum = 0;
  for (const RateZone& zone : zones) sum += zone.area_ha;
  return sum;
}

double RateMap::product_kg() const {
  double sum = 0;
  for (const RateZone& zone : zones) sum += zone.product_kg;
  return sum;
}

double ground_m2(const std::vector<Polygon>& degrees, const RateMap& map) {
  return total_area(plane_of(map.grid).metres(degrees));
}

RateMap rate_map(const Survey& survey, const FertiliserOptions& options) {
  options.validate();
  std::vector<Block> blocks = choose_blocks(survey, options.blocks);
  const std::vector<Polygon> outlines = field_of(survey, blocks);
  const Samples samples = samples_of(survey, options.by, blocks);
  RateMap map;
  map.grid = grid_over(outlines, options.cell_m);
  const Plane plane = plane_of(map.grid);
  const std::vector<Polygon> field_m = united(plane.metres(outlines));
  map.field = plane.degrees(field_m);
  map.grid.area_m2 = areas_of_cells(field_m, map.grid);
  fill_values(map.grid, samples);
  fill_zones(map.grid, options);
  for (std::size_t k = 0; k < options.rates.size(); ++k)
    map.zones.push_back(zone_of(map.grid, static_cast<int>(k) + 1, options.rates[k], field_m));
  return map;
}

}  // namespace canopy
