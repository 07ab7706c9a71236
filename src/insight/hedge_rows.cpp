// SPDX-License-Identifier: Apache-2.0
#include "insight/hedge_rows.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "insight/block_outline.h"
#include "insight/point_index.h"

namespace canopy {
namespace {

constexpr std::size_t kLeastTrees = 40, kLeastInRow = 8;
constexpr double kLeastAgreement = 0.6;  // of the neighbours' directions; 1: all the same
constexpr double kTurnDeg = 3, kTurnStepDeg = 0.1;
constexpr double kMostWidth = 0.2;  // deviation of a row's trees across it, in row spacings
constexpr double kRowOverTree = 3;  // row spacing over tree spacing, at least
constexpr double kLeastInRows = 0.85;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Where trees lie across rows of an angle, and which tree each is.
using Across = std::vector<std::pair<double, int>>;

Across across_of(const std::vector<Point>& positions, double angle) {
  Across across;
  const Point &o = positions.front(), n{-std::sin(angle), std::cos(angle)};
  for (std::size_t k = 0; k < positions.size(); ++k)
    across.push_back(
        {(positions[k].x - o.x) * n.x + (positions[k].y - o.y) * n.y, static_cast<int>(k)});
  std::sort(across.begin(), across.end());
  return across;
}

/// Sum of squares of neighbouring steps: large where trees lie on few lines with room between.
double clearness(const Across& across) {
  double sum = 0;
  for (std::size_t k = 1; k < across.size(); ++k)
    sum += std::pow(across[k].first - across[k - 1].first, 2);
  return sum;
}

struct Direction {
  double angle = 0, near_m = 0;  ///< near_m: to the nearest neighbour, the median
};

std::optional<Direction> direction_of(const std::vector<Point>& positions) {
  const PointIndex index(positions);
  Point doubled;
  std::vector<double> near;
  for (const Point& p : positions) {
    const Point& q = positions[static_cast<std::size_t>(index.nearest(p, 2).back())];
    const double turn = 2 * std::atan2(q.y - p.y, q.x - p.x);
    doubled = {doubled.x + std::cos(turn), doubled.y + std::sin(turn)};
    near.push_back(distance(p, q));
  }
  const auto n = static_cast<double>(positions.size());
  if (std::hypot(doubled.x, doubled.y) < kLeastAgreement * n) return std::nullopt;
  const double rough = std::atan2(doubled.y, doubled.x) / 2;
  Direction best{rough, median(near)};
  double most = 0;
  for (double turn = -kTurnDeg; turn <= kTurnDeg; turn += kTurnStepDeg) {
    const double angle = rough + turn * std::numbers::pi / 180;
    const double clear = clearness(across_of(positions, angle));
    if (clear > most) {
      most = clear;
      best.angle = angle;
    }
  }
  return best;
}

/// Trees by row, across the rows: cut where the room is wider than trees of one row leave.
std::vector<Across> rows_of(const Across& across, double near_m) {
  std::vector<double> steps;
  for (std::size_t k = 1; k < across.size(); ++k)
    steps.push_back(across[k].first - across[k - 1].first);
  const double widest = *std::max_element(steps.begin(), steps.end());
  const double cut = std::max(near_m, 0.4 * widest);
  std::vector<Across> rows(1);
  for (std::size_t k = 0; k < across.size(); ++k) {
    if (k > 0 && steps[k - 1] > cut) rows.emplace_back();
    rows.back().push_back(across[k]);
  }
  std::erase_if(rows, [](const Across& row) { return row.size() < kLeastInRow; });
  return rows;
}

double mean_of(const Across& row) {
  double sum = 0;
  for (const auto& [t, tree] : row) sum += t / static_cast<double>(row.size());
  return sum;
}

/// The distance between rows; nothing where they are no rows.
std::optional<double> row_spacing(const std::vector<Across>& rows,
                                  std::size_t trees,
                                  double near_m) {
  if (rows.size() < 2) return std::nullopt;
  std::vector<double> gaps;
  std::size_t inside = 0;
  double squares = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double mean = mean_of(rows[r]);
    if (r > 0) gaps.push_back(mean - mean_of(rows[r - 1]));
    inside += rows[r].size();
    for (const auto& [t, tree] : rows[r]) squares += (t - mean) * (t - mean);
  }
  const double spacing = median(gaps), width = std::sqrt(squares / static_cast<double>(inside));
  const bool fits = width < kMostWidth * spacing && spacing > kRowOverTree * near_m &&
                    static_cast<double>(inside) >= kLeastInRows * static_cast<double>(trees);
  return fits ? std::optional(spacing) : std::nullopt;
}

}  // namespace

bool lay_out_hedges(const std::vector<Point>& positions, PlantingPattern& pattern) {
  if (positions.size() < kLeastTrees) return false;
  const auto direction = direction_of(positions);
  if (!direction) return false;
  auto rows = rows_of(across_of(positions, direction->angle), direction->near_m);
  const auto spacing = row_spacing(rows, positions.size(), direction->near_m);
  if (!spacing) return false;
  Block block;
  block.block = static_cast<int>(pattern.blocks.size()) + 1;
  block.pattern = "hedge";
  block.row_angle_deg = std::fmod(direction->angle * 180 / std::numbers::pi + 360, 180);
  block.row_spacing_m = *spacing;
  block.tree_spacing_m = direction->near_m;
  const RowFrame frame = row_frame(block.row_angle_deg);
  const Point normal{-std::sin(direction->angle), std::cos(direction->angle)};
  if (normal.x * frame.across.x + normal.y * frame.across.y < 0)
    std::reverse(rows.begin(), rows.end());
  std::vector<Point> ground;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    Row row{block.block, static_cast<int>(r) + 1, {}, {}};
    const auto along = [&](int tree) {
      const Point& p = positions[static_cast<std::size_t>(tree)];
      return p.x * frame.along.x + p.y * frame.along.y;
    };
    std::sort(rows[r].begin(), rows[r].end(), [&](const auto& a, const auto& b) {
      return along(a.second) < along(b.second);
    });
    for (const auto& [t, tree] : rows[r]) {
      row.tree_ids.push_back(tree);
      row.line.push_back(positions[static_cast<std::size_t>(tree)]);
      pattern.places[static_cast<std::size_t>(tree)] = {
          block.block, row.row_index, static_cast<int>(row.tree_ids.size())};
    }
    ground.insert(ground.end(), row.line.begin(), row.line.end());
    pattern.rows.push_back(std::move(row));
  }
  block.outline = block_outline(ground, 0.9 * *spacing, 0.5 * *spacing);
  pattern.blocks.push_back(std::move(block));
  return true;
}

}  // namespace canopy
