// SPDX-License-Identifier: Apache-2.0
#include "insight/planting_pattern.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <numeric>
#include <set>

#include "base/error.h"
#include "insight/block_exchange.h"
#include "insight/block_layout.h"
#include "insight/hedge_rows.h"
#include "insight/lattice.h"
#include "insight/missing_trees.h"
#include "insight/row_grid.h"

namespace canopy {
namespace {

constexpr int kSeedPlaces = 80;
constexpr int kFailures = 24;  // seeds that lead nowhere before the rest is left alone
constexpr std::size_t kLeastTrees = 9;
constexpr double kLeastFitting =
    0.75;  // of the detections on a block's ground; chance alone gives about 0.35
constexpr std::size_t kLeastInLine = 5;
constexpr double kLineWidth = 0.2;  // standard deviation across the line, in spacings along it
constexpr double kMostVacancy = 0.55;

void check_positions(const std::vector<Point>& positions) {
  std::set<std::pair<double, double>> seen;
  for (std::size_t k = 0; k < positions.size(); ++k) {
    const Point& p = positions[k];
    require(std::isfinite(p.x) && std::isfinite(p.y), [&] {
      return "tree " + std::to_string(k + 1) +
             ": its position is not a number; leave the tree out or mend it";
    });
    require(seen.insert({p.x, p.y}).second, [&] {
      return "tree " + std::to_string(k + 1) + ": another tree stands at the same position (" +
             std::to_string(p.x) + ", " + std::to_string(p.y) + "); remove one of them";
    });
  }
}

/// One found block, while its lattice lives.
struct Found {
  std::unique_ptr<Lattice> lattice;
  RowGrid grid;
};

class BlockSearch {
 public:
  explicit BlockSearch(const std::vector<Point>& positions)
      : points_(positions), free_(positions.size(), 1), tried_(positions.size(), 0) {}

  const PointIndex& points() const { return points_; }

  std::vector<Found> run() {
    std::vector<Found> blocks;
    for (int failures = 0; failures < kFailures;) {
      const auto seed = best_seed();
      if (!seed) break;
      tried_[static_cast<std::size_t>(seed->centre)] = 1;
      Found found{std::make_unique<Lattice>(points_, *seed, free_), {}};
      found.grid = rows_of(*found.lattice);
      trim(found.grid);
      if (!is_block(found.grid)) {
        ++failures;
        continue;
      }
      for (const auto& [j, row] : found.grid.rows)
        for (const auto& [i, tree] : row) free_[static_cast<std::size_t>(tree)] = 0;
      take_doubles(found);
      seeds_.clear();
      blocks.push_back(std::move(found));
    }
    std::vector<RowGrid*> grids;
    for (Found& found : blocks) grids.push_back(&found.grid);
    exchange_trees(grids, points_);
    return blocks;
  }

 private:
  /// Seeds are looked for at places spread evenly over the trees that are left.
  std::optional<LatticeSeed> best_seed() {
    std::vector<Point> left;
    std::vector<int> index;
    for (int k = 0; k < points_.size(); ++k)
      if (free_[static_cast<std::size_t>(k)]) {
        left.push_back(points_.points()[static_cast<std::size_t>(k)]);
        index.push_back(k);
      }
    if (left.size() < kLeastTrees) return std::nullopt;
    if (seeds_.empty()) {
      const PointIndex remaining(left);
      const std::size_t step = std::max<std::size_t>(1, left.size() / kSeedPlaces);
      for (std::size_t k = step / 2; k < left.size(); k += step)
        if (auto seed = find_lattice_seed(remaining, static_cast<int>(k)); seed && seed->v) {
          seed->centre = index[static_cast<std::size_t>(seed->centre)];
          seeds_.push_back(*seed);
        }
      std::stable_sort(seeds_.begin(), seeds_.end(), [](const auto& a, const auto& b) {
        return a.score() < b.score();
      });
    }
    while (!seeds_.empty()) {
      const LatticeSeed seed = seeds_.back();
      seeds_.pop_back();
      if (!tried_[static_cast<std::size_t>(seed.centre)]) return seed;
    }
    return std::nullopt;
  }

  bool is_block(const RowGrid& grid) const {
    if (grid.rows.size() < 2 || grid.tree_count() < kLeastTrees || grid.vacancy() > kMostVacancy)
      return false;
    std::set<int> members, ground;
    std::vector<int> near;
    for (const auto& [j, row] : grid.rows)
      for (const auto& [i, tree] : row) {
        members.insert(tree);
        const auto wanted = grid.predict(i, j);
        if (!wanted) continue;
        const double spacing = std::hypot(wanted->frame.u.x, wanted->frame.u.y);
        // As wide as half a row, so that a pattern that leaves out every other row is found out.
        const double rows = std::hypot(wanted->frame.v.x, wanted->frame.v.y);
        points_.within(wanted->position, std::max(0.7 * spacing, 0.6 * rows), near);
        for (int k : near)
          if (free_[static_cast<std::size_t>(k)] && !is_double(k, tree, spacing)) ground.insert(k);
      }
    return static_cast<double>(members.size()) >=
           kLeastFitting * static_cast<double>(ground.size());
  }

  bool is_double(int a, int b, double spacing) const {
    const auto& p = points_.points();
    return a != b &&
           distance(p[static_cast<std::size_t>(a)], p[static_cast<std::size_t>(b)]) < 0.3 * spacing;
  }

  /// A second detection of a tree that has its place takes no part in the search for further
  /// blocks.
  void take_doubles(const Found& found) {
    for (const auto& [j, row] : found.grid.rows)
      for (const auto& [i, tree] : row)
        if (const auto wanted = found.grid.predict(i, j))
          for (int k : points_.within(points_.points()[static_cast<std::size_t>(tree)],
                                      0.3 * std::hypot(wanted->frame.u.x, wanted->frame.u.y)))
            free_[static_cast<std::size_t>(k)] = 0;
  }

  PointIndex points_;
  std::vector<char> free_, tried_;
  std::vector<LatticeSeed> seeds_;
};

/// Trees that all stand on one line: a row, but of no block.
void lay_out_line(const std::vector<Point>& positions, PlantingPattern& pattern) {
  if (positions.size() < kLeastInLine) return;
  const auto n = static_cast<double>(positions.size());
  Point mean;
  for (const Point& p : positions) mean = {mean.x + p.x / n, mean.y + p.y / n};
  double xx = 0, xy = 0, yy = 0;
  for (const Point& p : positions) {
    const double dx = p.x - mean.x, dy = p.y - mean.y;
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  const double angle = std::atan2(2 * xy, xx - yy) / 2;
  const double angle_deg = std::fmod(angle * 180 / std::numbers::pi + 180, 180);
  const RowFrame frame = row_frame(angle_deg);
  std::vector<std::pair<double, int>> order;
  double off2 = 0;
  for (std::size_t k = 0; k < positions.size(); ++k) {
    const double dx = positions[k].x - mean.x, dy = positions[k].y - mean.y;
    order.push_back({dx * frame.along.x + dy * frame.along.y, static_cast<int>(k)});
    const double off = dx * frame.across.x + dy * frame.across.y;
    off2 += off * off / n;
  }
  std::sort(order.begin(), order.end());
  const double spacing = (order.back().first - order.front().first) / (n - 1);
  if (std::sqrt(off2) > kLineWidth * spacing) return;
  Block& block = pattern.blocks.back();
  block.block = 1;
  block.tree_spacing_m = spacing;
  block.row_angle_deg = angle_deg;
  Row row{1, 1, {}, {}};
  for (const auto& [along, k] : order) {
    row.line.push_back(positions[static_cast<std::size_t>(k)]);
    row.tree_ids.push_back(k);
    pattern.places[static_cast<std::size_t>(k)] = {1, 1, static_cast<int>(row.tree_ids.size())};
  }
  pattern.rows.push_back(std::move(row));
}

}  // namespace

PlantingPattern find_planting_pattern(const std::vector<Point>& positions,
                                      const std::vector<double>& areas_m2) {
  check_positions(positions);
  require(areas_m2.empty() || areas_m2.size() == positions.size(),
          "there must be one crown area for each position, or none at all");
  PlantingPattern pattern;
  pattern.places.resize(positions.size());
  BlockSearch search(positions);
  for (const Found& found : search.run()) {
    auto missing = find_missing_trees(found.grid, search.points());
    if (!areas_m2.empty()) remove_shaded(found.grid, positions, areas_m2, missing);
    lay_out_block(found.grid, missing, positions, pattern);
  }
  if (pattern.blocks.empty() && !lay_out_hedges(positions, pattern) && !positions.empty()) {
    Block none;
    none.pattern = "none";
    pattern.blocks.push_back(none);
    lay_out_line(positions, pattern);
  }
  return pattern;
}

std::vector<double> crown_areas(const std::vector<Tree>& trees) {
  std::vector<double> known;
  for (const Tree& tree : trees)
    if (tree.area_m2 > 0) known.push_back(tree.area_m2);
  if (known.empty()) return {};
  const auto middle = known.begin() + static_cast<long>(known.size() / 2);
  std::nth_element(known.begin(), middle, known.end());
  std::vector<double> areas_m2;
  for (const Tree& tree : trees) areas_m2.push_back(tree.area_m2 > 0 ? tree.area_m2 : *middle);
  return areas_m2;
}

void add_planting_pattern(Survey& survey) {
  std::vector<Point> positions;
  for (const Tree& tree : survey.trees) positions.push_back(tree.position);
  take_pattern(find_planting_pattern(positions, crown_areas(survey.trees)), survey);
}

void take_pattern(PlantingPattern pattern, Survey& survey) {
  for (std::size_t k = 0; k < survey.trees.size(); ++k) {
    survey.trees[k].block = pattern.places[k].block;
    survey.trees[k].row_index = pattern.places[k].row_index;
    survey.trees[k].tree_index = pattern.places[k].tree_index;
  }
  for (Row& row : pattern.rows)
    for (std::int64_t& id : row.tree_ids) id = survey.trees[static_cast<std::size_t>(id)].id;
  survey.rows = std::move(pattern.rows);
  survey.missing = std::move(pattern.missing);
  survey.blocks = std::move(pattern.blocks);
}

}  // namespace canopy
