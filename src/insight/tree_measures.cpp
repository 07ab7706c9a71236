// SPDX-License-Identifier: Apache-2.0
#include "insight/tree_measures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <Eigen/Dense>

#include "base/error.h"
#include "geo/crs.h"

namespace canopy {
namespace {

constexpr double kSimplifyPx =
    0.75;  // takes the steps out of an outline, so that its length means something
constexpr double kGroundCellM = 2;
constexpr double kGroundReachM = 6;  // beyond the crown
constexpr double kTrueMetres = 0.005;

bool is_there(const std::vector<float>& plane) { return !plane.empty(); }

double ratio(float high, float low) {
  const double sum = static_cast<double>(high) + static_cast<double>(low);
  return sum > 0 ? (static_cast<double>(high) - static_cast<double>(low)) / sum : 0;
}

/// The edge of a pixel on the ground; without a CRS the transform is in metres.
double pixel_edge_m(const std::string& crs, const Transform& transform, double column, double row) {
  if (!crs.empty()) return ground_pixel_m(crs, transform, column, row);
  const auto& t = transform.t;
  return std::sqrt(std::abs(t[1] * t[5] - t[2] * t[4]));
}

}  // namespace

std::string survey_crs_of(const std::string& crs,
                          const Transform& world_from_pixel,
                          const Window& whole) {
  if (crs.empty()) return {};
  const double column = static_cast<double>(whole.x) + static_cast<double>(whole.width) / 2;
  const double row = static_cast<double>(whole.y) + static_cast<double>(whole.height) / 2;
  const auto& t = world_from_pixel.t;
  const double said = std::sqrt(std::abs(t[1] * t[5] - t[2] * t[4]));
  if (!is_geographic(crs) &&
      std::abs(ground_pixel_m(crs, world_from_pixel, column, row) / said - 1) < kTrueMetres)
    return crs;
  const Point centre =
      Reprojection(crs, "EPSG:4326")(world_from_pixel.world_from_pixel(column, row));
  return utm_crs(centre.x, centre.y);
}

TreeMeasures::TreeMeasures(std::string crs, Transform world_from_pixel, std::string survey_crs)
    : crs_(std::move(crs)),
      survey_crs_(std::move(survey_crs)),
      world_from_pixel_(world_from_pixel) {
  const double pixel_m = pixel_edge_m(crs_, world_from_pixel_, 0, 0);
  cell_px_ = std::max<std::int64_t>(1, std::llround(kGroundCellM / pixel_m));
}

void TreeMeasures::add(const MeasuredTile& tile) {
  const auto n = static_cast<std::size_t>(tile.window.area());
  for (const auto* plane : {&tile.red, &tile.red_edge, &tile.nir, &tile.dsm_m, &tile.dtm_m})
    check(plane->empty() || plane->size() == n, "a plane has as many pixels as its window");
  check(tile.ids.size() == n && (tile.valid.empty() || tile.valid.size() == n),
        "ids have as many pixels as the window");
  has_ndvi_ = has_ndvi_ && is_there(tile.red) && is_there(tile.nir);
  has_ndre_ = has_ndre_ && is_there(tile.red_edge) && is_there(tile.nir);
  has_dtm_ = has_dtm_ && is_there(tile.dtm_m);
  runs_.add(tile.window, tile.ids);
  std::size_t k = 0;
  for (std::int64_t row = tile.window.y; row < tile.window.y_end(); ++row)
    for (std::int64_t column = tile.window.x; column < tile.window.x_end(); ++column, ++k) {
      if (tile.ids[k] == 0) continue;
      Sum& sum = sums_[tile.ids[k]];
      ++sum.pixels;
      sum.x += static_cast<double>(column) + 0.5;
      sum.y += static_cast<double>(row) + 0.5;
      if (tile.valid.empty() || tile.valid[k]) {
        ++sum.spectral;
        if (has_ndvi_) sum.ndvi += ratio(tile.nir[k], tile.red[k]);
        if (has_ndre_) sum.ndre += ratio(tile.nir[k], tile.red_edge[k]);
      }
      if (!is_there(tile.dsm_m) || !std::isfinite(tile.dsm_m[k])) continue;
      if (has_dtm_ && !std::isfinite(tile.dtm_m[k])) continue;
      ++sum.surface;
      sum.dsm += static_cast<double>(tile.dsm_m[k]);
      sum.highest_dsm = std::max(sum.highest_dsm, tile.dsm_m[k]);
      if (!has_dtm_) continue;
      const float height = tile.dsm_m[k] - tile.dtm_m[k];
      sum.height += static_cast<double>(std::max(0.0f, height));
      sum.highest = std::max(sum.highest, height);
    }
  if (is_there(tile.dsm_m) && !has_dtm_) add_ground(tile);
}

void TreeMeasures::add_ground(const MeasuredTile& tile) {
  std::size_t k = 0;
  for (std::int64_t row = tile.window.y; row < tile.window.y_end(); ++row)
    for (std::int64_t column = tile.window.x; column < tile.window.x_end(); ++column, ++k) {
      if (tile.ids[k] != 0 || !std::isfinite(tile.dsm_m[k])) continue;
      Ground& cell = ground_[{row / cell_px_, column / cell_px_}];
      cell.dsm += static_cast<double>(tile.dsm_m[k]);
      ++cell.pixels;
    }
}

double TreeMeasures::ground_at(double column, double row, double pixel_m, double radius_m) const {
  const double cell_m = static_cast<double>(cell_px_) * pixel_m;
  const double centre_x = column / static_cast<double>(cell_px_),
               centre_y = row / static_cast<double>(cell_px_);
  struct Sample {
    double x, y, z;
  };
  for (const int widening : {1, 2, 4, 8}) {
    const double reach_m = widening * (radius_m + kGroundReachM);
    const auto reach = static_cast<std::int64_t>(std::ceil(reach_m / cell_m));
    std::vector<Sample> samples;
    for (std::int64_t r = std::llround(centre_y) - reach; r <= std::llround(centre_y) + reach; ++r)
      for (auto it = ground_.lower_bound({r, std::llround(centre_x) - reach});
           it != ground_.end() && it->first.first == r &&
           it->first.second <= std::llround(centre_x) + reach;
           ++it)
        if (4 * it->second.pixels >= cell_px_ * cell_px_)
          samples.push_back({static_cast<double>(it->first.second) + 0.5 - centre_x,
                             static_cast<double>(r) + 0.5 - centre_y,
                             it->second.dsm / static_cast<double>(it->second.pixels)});
    if (samples.size() < 6) continue;
    // Twice: a plane through all cells, then through those that lie below it, where grass and
    // shadows of trees are not.
    Eigen::Vector3d plane = Eigen::Vector3d::Zero();
    for (int round = 0; round < 2; ++round) {
      Eigen::Matrix3d normal = 1e-6 * Eigen::Matrix3d::Identity();
      Eigen::Vector3d right = Eigen::Vector3d::Zero();
      for (const Sample& s : samples) {
        const Eigen::Vector3d v(1, s.x, s.y);
        if (round > 0 && s.z > plane.dot(v) + 0.05) continue;
        normal += v * v.transpose();
        right += s.z * v;
      }
      plane = normal.ldlt().solve(right);
    }
    return plane(0);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::vector<Tree> TreeMeasures::finish() const {
  std::optional<Reprojection> to_survey, to_wgs84;
  if (!crs_.empty()) {
    to_wgs84.emplace(crs_, "EPSG:4326");
    if (!same_crs(crs_, survey_crs_)) to_survey.emplace(crs_, survey_crs_);
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  auto crowns = runs_.outlines(kSimplifyPx);
  std::vector<Tree> trees;
  for (const auto& [id, sum] : sums_) {
    const auto n = static_cast<double>(sum.pixels);
    const double column = sum.x / n, row = sum.y / n;
    const double pixel_m = pixel_edge_m(crs_, world_from_pixel_, column, row);
    const Point world = world_from_pixel_.world_from_pixel(column, row);
    Tree tree;
    tree.id = id;
    tree.position = to_survey ? (*to_survey)(world) : world;
    const Point degrees = to_wgs84 ? (*to_wgs84)(world) : Point{nan, nan};
    tree.lng = degrees.x;
    tree.lat = degrees.y;
    tree.area_m2 = n * pixel_m * pixel_m;
    const bool seen = sum.spectral > 0;
    tree.ndvi = has_ndvi_ && seen ? sum.ndvi / static_cast<double>(sum.spectral) : nan;
    tree.ndre = has_ndre_ && seen ? sum.ndre / static_cast<double>(sum.spectral) : nan;
    if (sum.surface > 0) {
      const double surface = static_cast<double>(sum.surface);
      const double ground =
          has_dtm_ ? nan : ground_at(column, row, pixel_m, std::sqrt(tree.area_m2 / 3.1416));
      const double highest = has_dtm_ ? static_cast<double>(sum.highest)
                                      : static_cast<double>(sum.highest_dsm) - ground;
      const double mean = has_dtm_ ? sum.height / surface : sum.dsm / surface - ground;
      tree.height_m = std::isfinite(highest) ? std::max(0.0, highest) : 0;
      tree.volume_m3 = std::isfinite(mean) ? std::max(0.0, mean) * tree.area_m2 : 0;
    }
    Polygon& crown = crowns[id];
    for (std::size_t k = 0; k < crown.rings.size(); ++k) {
      Ring& ring = crown.rings[k];
      for (Point& p : ring) {
        p = world_from_pixel_.world_from_pixel(p.x, p.y);
        if (to_survey) p = (*to_survey)(p);
      }
      if ((signed_area(ring) > 0) != (k == 0)) std::reverse(ring.begin(), ring.end());
    }
    tree.perimeter_m = perimeter_of(crown);
    tree.crown = std::move(crown);
    trees.push_back(std::move(tree));
  }
  return trees;
}

}  // namespace canopy
