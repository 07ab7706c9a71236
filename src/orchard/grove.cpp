// SPDX-License-Identifier: Apache-2.0
#include "orchard/grove.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>

#include "base/error.h"
#include "orchard/orchard_truth.h"
#include "orchard/spectra.h"

namespace canopy {
namespace {

constexpr double kLargeHeightM = 4, kSmallHeightM = 2.5;
constexpr int kDiscVertices = 96;

/// Lines without their blanks.
std::vector<std::string> cells_of(const std::string& drawing) {
  std::vector<std::string> lines;
  std::istringstream stream(drawing);
  for (std::string line; std::getline(stream, line);) {
    std::erase_if(line, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
    if (!line.empty()) lines.push_back(line);
  }
  require(!lines.empty(), "an empty grove; draw at least one cell");
  for (const std::string& line : lines) {
    require(line.size() == lines.front().size(),
            "grove: line '" + line + "' is not as long as the first; make all lines equal");
    for (const char c : line)
      require(std::string(".oOx_").find(c) != std::string::npos,
              "grove: unknown character '" + std::string(1, c) + "'; use . o O x _");
  }
  return lines;
}

/// A polygon with the area of the disc.
Polygon disc(const Point& centre, double radius) {
  const double step = 2 * std::numbers::pi / kDiscVertices;
  const double outer = radius * std::sqrt(step / std::sin(step));
  Ring ring;
  for (int i = 0; i < kDiscVertices; ++i)
    ring.push_back({centre.x + outer * std::cos(i * step), centre.y + outer * std::sin(i * step)});
  return Polygon{{ring}};
}

Tree disc_tree(
    std::int64_t id, const Point& centre, double radius_m, bool is_dead, double height_m) {
  Tree tree;
  tree.id = id;
  tree.position = centre;
  tree.status = is_dead ? TreeStatus::Dead : TreeStatus::Alive;
  tree.crown = disc(centre, radius_m);
  tree.area_m2 = std::numbers::pi * radius_m * radius_m;
  tree.perimeter_m = 2 * std::numbers::pi * radius_m;
  tree.height_m = height_m;
  tree.volume_m3 = tree.area_m2 * height_m;
  const Spectrum look = is_dead ? wood_spectrum() : leaf_spectrum(1);
  tree.ndvi = ndvi_of(look[kRed], look[kNir]);
  tree.ndre = ndre_of(look[kRedEdge], look[kNir]);
  tree.score = 1;
  tree.health = is_dead ? 0 : 1;
  tree.health_class = is_dead ? HealthClass::Poor : HealthClass::Good;
  return tree;
}

}  // namespace

Grove::Grove(const std::string& drawing, const GroveOptions& options) : options_(options) {
  require(options.cell_m > 0 && options.gsd_m > 0, "grove: cell_m and gsd_m must be positive");
  require(options.large_radius_m >= 0 && options.small_radius_m >= 0,
          "grove: radii must not be negative");
  if (options_.large_radius_m == 0) options_.large_radius_m = 0.45 * options.cell_m;
  if (options_.small_radius_m == 0) options_.small_radius_m = 0.28 * options.cell_m;
  const std::vector<std::string> cells = cells_of(drawing);
  columns_ = static_cast<int>(cells.front().size());
  lines_ = static_cast<int>(cells.size());
  const double width_m = columns_ * options_.cell_m, height_m = lines_ * options_.cell_m;
  width_px_ = static_cast<int>(std::lround(width_m / options_.gsd_m));
  height_px_ = static_cast<int>(std::lround(height_m / options_.gsd_m));
  plant_cells(cells);
  std::ranges::sort(discs_, [](const Disc& a, const Disc& b) {
    return a.radius_px != b.radius_px ? a.radius_px < b.radius_px : a.id > b.id;
  });
  describe_block(width_m, height_m);
}

void Grove::plant_cells(const std::vector<std::string>& cells) {
  const double height_m = lines_ * options_.cell_m;
  id_at_cell_.assign(cell_at(0, lines_), 0);
  const auto holds_place = [](const std::string& line) {
    return line.find_first_not_of('.') != std::string::npos;
  };
  int row = static_cast<int>(std::ranges::count_if(cells, holds_place));
  for (int line = 0; line < lines_; ++line) {
    const std::string& text = cells[static_cast<std::size_t>(line)];
    int place = static_cast<int>(std::ranges::count_if(text, [](char c) { return c != '.'; }));
    for (int column = 0; column < columns_; ++column) {
      const char c = text[static_cast<std::size_t>(column)];
      if (c == '.') continue;
      const Point centre{options_.origin.x + (column + 0.5) * options_.cell_m,
                         options_.origin.y + height_m - (line + 0.5) * options_.cell_m};
      if (c == '_') {
        survey_.missing.push_back({centre, 1, row, place--, 1});
        continue;
      }
      const double radius_m = c == 'O' ? options_.large_radius_m : options_.small_radius_m;
      const auto id = static_cast<std::int64_t>(survey_.trees.size()) + 1;
      Tree tree =
          disc_tree(id, centre, radius_m, c == 'x', c == 'O' ? kLargeHeightM : kSmallHeightM);
      tree.block = 1;
      tree.row_index = row;
      tree.tree_index = place--;
      id_at_cell_[cell_at(column, line)] = id;
      discs_.push_back({{(column + 0.5) * options_.cell_m / options_.gsd_m,
                         (line + 0.5) * options_.cell_m / options_.gsd_m},
                        radius_m / options_.gsd_m,
                        static_cast<std::uint32_t>(id),
                        c == 'x'});
      survey_.trees.push_back(std::move(tree));
    }
    row -= holds_place(text) ? 1 : 0;
  }
}

void Grove::describe_block(double width_m, double height_m) {
  survey_.survey_id = "grove";
  survey_.model_id = "truth";
  survey_.crs_wkt = options_.crs;
  survey_.gsd_m = options_.gsd_m;
  const Point& o = options_.origin;
  survey_.blocks = {
      {1,
       "square",
       options_.cell_m,
       options_.cell_m,
       0,
       Polygon{
           {{o, {o.x + width_m, o.y}, {o.x + width_m, o.y + height_m}, {o.x, o.y + height_m}}}}}};
  survey_.rows = rows_of(survey_.trees, survey_.missing);
  survey_.hectares = width_m * height_m / 10000;
  for (const Tree& tree : survey_.trees)
    survey_.canopy_cover += tree.area_m2 / (width_m * height_m);
}

Transform Grove::world_from_pixel() const {
  const double north = options_.origin.y + lines_ * options_.cell_m;
  return {{options_.origin.x, options_.gsd_m, 0, north, 0, -options_.gsd_m}};
}

const Tree& Grove::tree_at(int column, int line) const {
  const bool inside = column >= 0 && column < columns_ && line >= 0 && line < lines_;
  const std::int64_t id = inside ? id_at_cell_[cell_at(column, line)] : 0;
  if (id == 0)
    throw Error(
        Fault::NotFound,
        "grove: no tree at column " + std::to_string(column) + ", line " + std::to_string(line));
  return survey_.trees[static_cast<std::size_t>(id) - 1];
}

std::vector<std::uint32_t> Grove::id_map(const Window& window) const {
  std::vector<std::uint32_t> ids(static_cast<std::size_t>(window.area()), 0);
  for (const Disc& disc : discs_) {
    const auto reach = static_cast<std::int64_t>(std::ceil(disc.radius_px)) + 1;
    const auto x = static_cast<std::int64_t>(disc.centre_px.x),
               y = static_cast<std::int64_t>(disc.centre_px.y);
    const Window box = intersection({x - reach, y - reach, 2 * reach + 1, 2 * reach + 1},
                                    intersection(window, this->window()));
    for (std::int64_t row = box.y; row < box.y_end(); ++row) {
      for (std::int64_t column = box.x; column < box.x_end(); ++column) {
        const double dx = static_cast<double>(column) + 0.5 - disc.centre_px.x;
        const double dy = static_cast<double>(row) + 0.5 - disc.centre_px.y;
        if (dx * dx + dy * dy > disc.radius_px * disc.radius_px) continue;
        ids[static_cast<std::size_t>((row - window.y) * window.width + column - window.x)] =
            disc.id;
      }
    }
  }
  return ids;
}

SyntheticTile Grove::tile(const Window& window) const {
  SyntheticTile tile;
  tile.width = static_cast<int>(window.width);
  tile.height = static_cast<int>(window.height);
  tile.id_map = id_map(window);
  const std::size_t area = tile.id_map.size();
  tile.dtm_m.assign(area, 100);
  tile.dsm_m.assign(area, 100);
  tile.planes.resize(kBands * area);
  const Spectrum soil = soil_spectrum(0.5), leaf = leaf_spectrum(1), wood = wood_spectrum();
  for (std::size_t i = 0; i < area; ++i) {
    const std::uint32_t id = tile.id_map[i];
    const Spectrum* look = &soil;
    if (id > 0) {
      const Tree& tree = survey_.trees[id - 1];
      look = tree.status == TreeStatus::Dead ? &wood : &leaf;
      tile.dsm_m[i] += static_cast<float>(tree.height_m);
    }
    for (std::size_t band = 0; band < kBands; ++band)
      tile.planes[band * area + i] = static_cast<std::uint16_t>(std::lround((*look)[band] * 10000));
  }
  return tile;
}

Grove plant(const std::string& drawing, const GroveOptions& options) {
  return Grove(drawing, options);
}

}  // namespace canopy
