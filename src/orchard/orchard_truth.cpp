// SPDX-License-Identifier: Apache-2.0
#include "orchard/orchard_truth.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "base/threads.h"
#include "geo/crs.h"
#include "geo/rasterize.h"
#include "orchard/spectra.h"

namespace canopy {
namespace {

constexpr std::int64_t kTilePx = 512;
constexpr double kSimplifyPx =
    0.75;  ///< takes the steps out of an outline, so that its length means something

/// Pixels [begin, end) of a row.
struct Run {
  std::int64_t row, begin, end;
};

/// What the picture says of one crown.
struct Seen {
  std::vector<Run> runs;
  std::int64_t pixels = 0;
  double x = 0, y = 0, volume = 0, ndvi = 0, ndre = 0;  ///< sums over its pixels
};

void look_at(const SyntheticTile& tile, const Window& window, std::vector<Seen>& seen) {
  const std::size_t area = tile.id_map.size();
  std::size_t i = 0;
  for (std::int64_t row = window.y; row < window.y_end(); ++row) {
    for (std::int64_t column = window.x; column < window.x_end(); ++column, ++i) {
      const std::uint32_t id = tile.id_map[i];
      if (id == 0) continue;
      Seen& tree = seen[id];
      if (tree.runs.empty() || tree.runs.back().row != row || tree.runs.back().end != column)
        tree.runs.push_back({row, column, column});
      ++tree.runs.back().end;
      ++tree.pixels;
      tree.x += static_cast<double>(column) + 0.5;
      tree.y += static_cast<double>(row) + 0.5;
      tree.volume += tile.dsm_m[i] - tile.dtm_m[i];
      tree.ndvi += ndvi_of(tile.planes[kRed * area + i], tile.planes[kNir * area + i]);
      tree.ndre += ndre_of(tile.planes[kRedEdge * area + i], tile.planes[kNir * area + i]);
    }
  }
}

std::vector<Seen> look_at_all(const SyntheticOrchard& orchard) {
  std::vector<Seen> seen(orchard.trees().size() + 1);
  const std::int64_t width = orchard.width_px(), height = orchard.height_px();
  const auto across = static_cast<std::size_t>((width + kTilePx - 1) / kTilePx);
  for (std::int64_t top = 0; top < height; top += kTilePx) {
    std::vector<Window> windows(across);
    std::vector<SyntheticTile> tiles(across);
    for (std::size_t i = 0; i < across; ++i)
      windows[i] = intersection({static_cast<std::int64_t>(i) * kTilePx, top, kTilePx, kTilePx},
                                {0, 0, width, height});
    parallel_for(static_cast<std::int64_t>(across), available_cores(), [&](std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      tiles[at] = orchard.render(windows[at]);
    });
    for (std::size_t i = 0; i < across; ++i) look_at(tiles[i], windows[i], seen);
  }
  return seen;
}

/// The outline of a crown in pixels of the whole picture.
Polygon outline_of(const Seen& tree) {
  Run box = tree.runs.front();
  std::int64_t last_row = box.row;
  for (const Run& run : tree.runs) {
    box = {std::min(box.row, run.row), std::min(box.begin, run.begin), std::max(box.end, run.end)};
    last_row = std::max(last_row, run.row);
  }
  const auto width = static_cast<int>(box.end - box.begin),
             height = static_cast<int>(last_row - box.row + 1);
  std::vector<std::uint32_t> mask(
      static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
  for (const Run& run : tree.runs) {
    const auto start = mask.begin() + (run.row - box.row) * width - box.begin;
    std::fill(start + run.begin, start + run.end, 1u);
  }
  Polygon outline = outlines(mask, width, height, kSimplifyPx).front().polygon;
  for (Ring& ring : outline.rings) {
    for (Point& p : ring)
      p = {p.x + static_cast<double>(box.begin), p.y + static_cast<double>(box.row)};
  }
  return outline;
}

HealthClass class_of(double health) {
  return health < 0.5 ? HealthClass::Poor : health < 0.75 ? HealthClass::Fair : HealthClass::Good;
}

/// Pixel coordinates, y down, to the survey's metres; rings keep their sense of rotation as seen
/// with y up.
Polygon placed(Polygon polygon, const Transform& world_from_pixel) {
  for (std::size_t i = 0; i < polygon.rings.size(); ++i) {
    Ring& ring = polygon.rings[i];
    for (Point& p : ring) p = world_from_pixel.world_from_pixel(p.x, p.y);
    if ((signed_area(ring) > 0) != (i == 0)) std::ranges::reverse(ring);
  }
  return polygon;
}

Tree measured(const SyntheticTree& planted,
              const Seen& seen,
              const Transform& world_from_pixel,
              double gsd_m) {
  const auto pixels = static_cast<double>(seen.pixels);
  Tree tree;
  tree.id = planted.id;
  tree.position = world_from_pixel.world_from_pixel(seen.x / pixels, seen.y / pixels);
  tree.status = planted.status;
  tree.area_m2 = pixels * gsd_m * gsd_m;
  tree.height_m = planted.height_m;
  tree.volume_m3 = seen.volume * gsd_m * gsd_m;
  tree.ndvi = seen.ndvi / pixels;
  tree.ndre = seen.ndre / pixels;
  tree.score = 1;
  tree.health = planted.health;
  tree.health_class = class_of(planted.health);
  tree.block = planted.block;
  tree.row_index = planted.row_index;
  tree.tree_index = planted.tree_index;
  tree.crown = placed(outline_of(seen), world_from_pixel);
  tree.perimeter_m = perimeter_of(tree.crown);
  return tree;
}

void add_cover(const SyntheticOrchard& orchard, Survey& survey) {
  double block_m2 = 0, crown_m2 = 0;
  for (const Block& block : orchard.blocks()) block_m2 += area_of(block.outline);
  for (const Tree& tree : survey.trees) crown_m2 += tree.block > 0 ? tree.area_m2 : 0;
  survey.hectares = block_m2 / 10000;
  survey.canopy_cover = block_m2 > 0 ? crown_m2 / block_m2 : 0;
}

}  // namespace

Survey measure_truth(const SyntheticOrchard& orchard, const std::string& crs, const Point& origin) {
  const SyntheticOptions& options = orchard.options();
  const double gsd_m = options.gsd_m;
  const Transform world_from_pixel{{origin.x, gsd_m, 0, origin.y + options.height_m, 0, -gsd_m}};
  std::optional<Reprojection> to_wgs84;
  if (!crs.empty()) to_wgs84.emplace(crs, "EPSG:4326");

  Survey survey;
  survey.survey_id = options.preset + "-" + std::to_string(options.seed);
  survey.model_id = "truth";
  survey.crs_wkt = crs;
  survey.gsd_m = gsd_m;
  const std::vector<Seen> seen = look_at_all(orchard);
  for (const SyntheticTree& planted : orchard.trees()) {
    const Seen& of_tree = seen[static_cast<std::size_t>(planted.id)];
    if (of_tree.pixels == 0) continue;
    Tree tree = measured(planted, of_tree, world_from_pixel, gsd_m);
    if (to_wgs84) {
      const Point place = (*to_wgs84)(tree.position);
      tree.lng = place.x;
      tree.lat = place.y;
    }
    survey.trees.push_back(std::move(tree));
  }
  const auto moved = [&](Point p) { return Point{p.x + origin.x, p.y + origin.y}; };
  survey.missing = orchard.gaps();
  for (Gap& gap : survey.missing) gap.position = moved(gap.position);
  survey.blocks = orchard.blocks();
  for (Block& block : survey.blocks)
    for (Ring& ring : block.outline.rings) std::ranges::transform(ring, ring.begin(), moved);
  survey.rows = rows_of(survey.trees, survey.missing);
  add_cover(orchard, survey);
  return survey;
}

std::vector<Row> rows_of(const std::vector<Tree>& trees, const std::vector<Gap>& gaps) {
  struct Stop {
    Point position;
    std::int64_t id;
  };
  std::map<std::tuple<int, int>, std::map<int, Stop>> stops;
  for (const Tree& tree : trees)
    if (tree.row_index > 0)
      stops[{tree.block, tree.row_index}][tree.tree_index] = {tree.position, tree.id};
  for (const Gap& gap : gaps)
    if (gap.row_index > 0)
      stops[{gap.block, gap.row_index}].try_emplace(gap.tree_index, Stop{gap.position, 0});
  std::vector<Row> rows;
  for (const auto& [key, of_row] : stops) {
    Row row{std::get<0>(key), std::get<1>(key), {}, {}};
    for (const auto& [index, stop] : of_row) {
      row.line.push_back(stop.position);
      if (stop.id > 0) row.tree_ids.push_back(stop.id);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace canopy
