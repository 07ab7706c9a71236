// SPDX-License-Identifier: Apache-2.0
#include "insight/row_grid.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace canopy {
namespace {

constexpr double kSameSpacing = 0.04;
constexpr int kLongRun = 6;
constexpr double kStrayOnPlace =
    0.01;  // chance that a place outside the block holds a stray that fits

struct Direction {
  Site step;
  double length_m = 0;
  int row_count = 0;
  double off_north = 0;  ///< |cosine| of the angle to the east: 0 for rows that run north
};

Site canonical(Site s) {
  if (s.i < 0 || (s.i == 0 && s.j < 0)) s = -1 * s;
  return s;
}

/// The steps along which trees stand close, with the spacing and the number of rows that each would
/// give.
std::vector<Direction> directions_of(const Lattice& lattice) {
  struct Sum {
    double length = 0, east = 0;
    int count = 0;
  };
  std::map<std::pair<int, int>, Sum> sums;
  for (const auto& [site, tree] : lattice.trees()) {
    const auto here = lattice.predict(site);
    if (!here) continue;
    const LatticeFrame& f = here->frame;
    for (const auto& [ka, kb] : {std::pair{1, 0}, {0, 1}, {1, 1}, {1, -1}}) {
      const Site step = canonical(ka * f.a + kb * f.b);
      const Point m{ka * f.u.x + kb * f.v.x, ka * f.u.y + kb * f.v.y};
      const double length = std::hypot(m.x, m.y);
      Sum& sum = sums[{step.i, step.j}];
      sum.length += length;
      sum.east += std::abs(m.x) / length;
      ++sum.count;
    }
  }
  std::vector<Direction> directions;
  for (const auto& [step, sum] : sums) {
    if (sum.count < 0.6 * static_cast<double>(lattice.trees().size())) continue;
    Direction d{{step.first, step.second}, sum.length / sum.count, 0, sum.east / sum.count};
    std::map<int, int> lines;
    for (const auto& [site, tree] : lattice.trees()) ++lines[site.j * d.step.i - site.i * d.step.j];
    d.row_count = static_cast<int>(lines.size());
    directions.push_back(d);
  }
  return directions;
}

std::optional<Site> row_step_of(const Lattice& lattice) {
  const auto directions = directions_of(lattice);
  if (directions.empty()) return std::nullopt;
  const auto closest = std::min_element(directions.begin(), directions.end(), [](auto& a, auto& b) {
    return a.length_m < b.length_m;
  });
  Direction best = *closest;
  for (const Direction& d : directions) {
    if (d.length_m > closest->length_m * (1 + kSameSpacing)) continue;
    const int margin = std::max(1, best.row_count / 20);
    if (d.row_count < best.row_count - margin ||
        (std::abs(d.row_count - best.row_count) <= margin && d.off_north < best.off_north))
      best = d;
  }
  return best.step;
}

/// (r, s) with p * s - q * r = 1.
Site partner_of(const Site& step) {
  for (int reach = 0; reach < 50; ++reach)
    for (int r = -reach; r <= reach; ++r)
      for (int s = -reach; s <= reach; ++s)
        if (step.i * s - step.j * r == 1) return {r, s};
  return {0, 1};
}

int end_of(const std::map<int, int>& row, bool high) {
  return high ? row.rbegin()->first : row.begin()->first;
}

/// Whether place (i, j) lies between trees of the rows on both sides.
bool is_flanked(const RowGrid& grid, int i, int j) {
  bool sides[2] = {false, false};
  for (int dj : {-2, -1, 1, 2})
    for (int k : grid.beside(i, j, dj)) {
      const auto row = grid.rows.find(j + dj);
      if (row == grid.rows.end()) continue;
      if (k >= end_of(row->second, false) && k <= end_of(row->second, true)) sides[dj > 0] = true;
    }
  return sides[0] && sides[1];
}

bool trim_end(RowGrid& grid, int j, bool high, double vacancy) {
  auto& row = grid.rows.at(j);
  if (row.size() < 2) return false;
  std::vector<int> places;
  for (const auto& [i, tree] : row) places.push_back(i);
  if (high) std::reverse(places.begin(), places.end());
  for (std::size_t m = 1; m < std::min<std::size_t>(4, places.size()); ++m) {
    const int run = std::abs(places[m] - places[m - 1]) - 1;
    if (run == 0) continue;
    const bool stray = static_cast<double>(m) * std::log(kStrayOnPlace) > run * std::log(vacancy);
    if (!stray || is_flanked(grid, places[m - 1], j)) continue;
    for (std::size_t k = 0; k < m; ++k) row.erase(places[k]);
    return true;
  }
  return false;
}

bool trim_outer_row(RowGrid& grid, bool high, double vacancy) {
  if (grid.rows.empty()) return false;
  const auto outer = high ? std::prev(grid.rows.end()) : grid.rows.begin();
  const auto& row = outer->second;
  const int span = row.empty() ? 0 : row.rbegin()->first - row.begin()->first + 1;
  if (row.size() >= 3 && static_cast<double>(row.size()) > 0.5 * (1 - vacancy) * span) return false;
  grid.rows.erase(outer);
  return true;
}

}  // namespace

bool RowGrid::holds(int i, int j) const {
  const auto row = rows.find(j);
  return row != rows.end() && row->second.contains(i);
}

std::size_t RowGrid::tree_count() const {
  return std::accumulate(
      rows.begin(), rows.end(), std::size_t{0}, [](std::size_t n, const auto& row) {
        return n + row.second.size();
      });
}

double RowGrid::vacancy() const {
  std::size_t empty = 0;
  for (const auto& [j, row] : rows)
    for (auto next = row.begin(); next != row.end();) {
      const int i = next->first;
      if (++next == row.end()) break;
      const int run = next->first - i - 1;
      if (run <= kLongRun) empty += static_cast<std::size_t>(run);
    }
  const auto n = static_cast<double>(tree_count() + empty);
  return n > 0 ? std::max(0.02, static_cast<double>(empty) / n) : 0.02;
}

std::vector<int> RowGrid::beside(int i, int j, int dj) const {
  const double foot = i - (dj > 0 ? shift(i, j) : -shift(i, j + dj)) * std::abs(dj);
  const double near = std::round(foot);
  if (std::abs(foot - near) < 0.25) return {static_cast<int>(near)};
  return {static_cast<int>(std::floor(foot)), static_cast<int>(std::ceil(foot))};
}

RowGrid rows_of(const Lattice& lattice) {
  RowGrid grid;
  const auto step = row_step_of(lattice);
  if (!step) return grid;
  const Site u = *step, w = partner_of(u);
  for (const auto& [site, tree] : lattice.trees())
    grid.rows[u.i * site.j - u.j * site.i][w.j * site.i - w.i * site.j] = tree;
  grid.predict = [&lattice, u, w](int i, int j) { return lattice.predict(i * u + j * w); };
  grid.shift = [&lattice, u, w](int i, int j) {
    const auto here = lattice.predict(i * u + j * w);
    if (!here) return 0.0;
    // The steps u and w in metres, through the local frame: solve step = ka * a + kb * b.
    const LatticeFrame& f = here->frame;
    const int det = f.a.i * f.b.j - f.a.j * f.b.i;
    const auto metres = [&](const Site& s) {
      const double ka = static_cast<double>(s.i * f.b.j - s.j * f.b.i) / det;
      const double kb = static_cast<double>(f.a.i * s.j - f.a.j * s.i) / det;
      return Point{ka * f.u.x + kb * f.v.x, ka * f.u.y + kb * f.v.y};
    };
    const Point along = metres(u), across = metres(w);
    return (along.x * across.x + along.y * across.y) / (along.x * along.x + along.y * along.y);
  };
  return grid;
}

void trim(RowGrid& grid) {
  for (bool again = true; again && !grid.rows.empty();) {
    again = false;
    const double vacancy = grid.vacancy();
    for (bool high : {false, true}) {
      while (trim_outer_row(grid, high, vacancy)) again = true;
      for (auto& [j, row] : grid.rows)
        while (trim_end(grid, j, high, vacancy)) again = true;
    }
  }
}

}  // namespace canopy
