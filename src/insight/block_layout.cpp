// SPDX-License-Identifier: Apache-2.0
#include "insight/block_layout.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "insight/block_outline.h"

namespace canopy {
namespace {

constexpr double kBendDeg = 12;   // between the straightest and the most turned tenth of the places
constexpr double kHedge = 0.4;    // tree spacing over row spacing
constexpr double kSquare = 0.06;  // relative difference of the spacings
constexpr double kOffset = 0.2;   // shift between rows, in tree spacings

struct Place {
  Point position;
  int tree = -1, missing = -1;
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// What the local frames say about the block as a whole.
struct Shape {
  std::vector<double> along, across, turn_deg, shift;
  double angle_deg = 0;

  Shape(const RowGrid& grid) {
    std::vector<Point> steps;
    Point doubled;  // axial mean: angles count twice, so that a row and its reverse are the same
    for (const auto& [j, row] : grid.rows)
      for (const auto& [i, tree] : row) {
        const auto here = grid.predict(i, j), next = grid.predict(i + 1, j),
                   up = grid.predict(i, j + 1);
        if (!here || !next) continue;
        const Point u{next->position.x - here->position.x, next->position.y - here->position.y};
        const double length = std::hypot(u.x, u.y);
        along.push_back(length);
        steps.push_back(u);
        const double angle = std::atan2(u.y, u.x);
        doubled = {doubled.x + std::cos(2 * angle), doubled.y + std::sin(2 * angle)};
        if (!up) continue;
        const Point w{up->position.x - here->position.x, up->position.y - here->position.y};
        across.push_back(std::abs(u.x * w.y - u.y * w.x) / length);
        const double s = grid.shift(i, j);
        shift.push_back(std::abs(s - std::round(s)));
      }
    const double mean = std::atan2(doubled.y, doubled.x) / 2;
    for (const Point& u : steps)
      turn_deg.push_back(std::remainder(std::atan2(u.y, u.x) - mean, std::numbers::pi) * 180 /
                         std::numbers::pi);
    angle_deg = std::fmod(mean * 180 / std::numbers::pi + 180, 180);
  }

  double bend_deg() const {
    if (turn_deg.empty()) return 0;
    std::vector<double> sorted = turn_deg;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() * 9 / 10] - sorted[sorted.size() / 10];
  }
};

std::string name_of_pattern(const RowGrid& grid, const Shape& shape) {
  const double along = median(shape.along), across = median(shape.across);
  if (!grid.is_aligned || shape.bend_deg() > kBendDeg) return "contour";
  if (along < kHedge * across) return "hedge";
  if (median(shape.shift) > kOffset) return "quincunx";
  return std::abs(along / across - 1) < kSquare ? "square" : "rectangular";
}

std::map<int, std::map<int, Place>> places_of(const RowGrid& grid,
                                              const std::vector<MissingPlace>& missing,
                                              const std::vector<Point>& positions) {
  std::map<int, std::map<int, Place>> rows;
  for (const auto& [j, row] : grid.rows)
    for (const auto& [i, tree] : row)
      rows[j][i] = {positions[static_cast<std::size_t>(tree)], tree, -1};
  for (std::size_t k = 0; k < missing.size(); ++k)
    rows[missing[k].j][missing[k].i] = {missing[k].position, -1, static_cast<int>(k)};
  return rows;
}

/// The mean of a row's places along a direction.
double mean_over(const std::map<int, Place>& row, const Point& direction) {
  double sum = 0;
  for (const auto& [i, place] : row)
    sum += place.position.x * direction.x + place.position.y * direction.y;
  return sum / static_cast<double>(row.size());
}

}  // namespace

void lay_out_block(const RowGrid& grid,
                   const std::vector<MissingPlace>& missing,
                   const std::vector<Point>& positions,
                   PlantingPattern& pattern) {
  const Shape shape(grid);
  Block block;
  block.block = static_cast<int>(pattern.blocks.size()) + 1;
  block.pattern = name_of_pattern(grid, shape);
  block.tree_spacing_m = median(shape.along);
  block.row_spacing_m = median(shape.across);
  block.row_angle_deg = shape.angle_deg;

  auto rows = places_of(grid, missing, positions);
  std::vector<Point> ground;
  const RowFrame frame = row_frame(block.row_angle_deg);
  const bool descending = mean_over(rows.rbegin()->second, frame.across) <
                          mean_over(rows.begin()->second, frame.across);
  double forward = 0;
  for (const auto& [j, row] : rows) {
    const Point &a = row.begin()->second.position, &b = row.rbegin()->second.position;
    forward += (b.x - a.x) * frame.along.x + (b.y - a.y) * frame.along.y;
  }
  std::vector<const std::map<int, Place>*> order;
  for (const auto& [j, row] : rows) order.push_back(&row);
  if (descending) std::reverse(order.begin(), order.end());
  for (std::size_t r = 0; r < order.size(); ++r) {
    Row row{block.block, static_cast<int>(r) + 1, {}, {}};
    const int first = forward > 0 ? order[r]->begin()->first : order[r]->rbegin()->first;
    const auto visit = [&](int i, const Place& place) {
      const int tree_index = std::abs(i - first) + 1;
      row.line.push_back(place.position);
      ground.push_back(place.position);
      if (place.tree >= 0) {
        row.tree_ids.push_back(place.tree);
        pattern.places[static_cast<std::size_t>(place.tree)] = {
            block.block, row.row_index, tree_index};
      } else {
        const MissingPlace& m = missing[static_cast<std::size_t>(place.missing)];
        pattern.missing.push_back(
            {m.position, block.block, row.row_index, tree_index, m.confidence});
      }
    };
    if (forward > 0)
      for (const auto& [i, place] : *order[r]) visit(i, place);
    else
      for (auto it = order[r]->rbegin(); it != order[r]->rend(); ++it) visit(it->first, it->second);
    pattern.rows.push_back(std::move(row));
  }
  const double widest = std::max(block.row_spacing_m, block.tree_spacing_m);
  block.outline = block_outline(ground, 0.9 * widest, 0.5 * widest);
  pattern.blocks.push_back(std::move(block));
}

}  // namespace canopy
