// SPDX-License-Identifier: Apache-2.0
#include "insight/block_exchange.h"

#include <cmath>
#include <cstdlib>
#include <optional>
#include <unordered_map>

namespace canopy {
namespace {

constexpr double kOnPlace = 0.3;  // tree spacings, from the place that the other block wants
constexpr double kNear = 2;       // tree spacings of the other block's trees that are asked
constexpr int kReach = 2;         // places from such a tree
constexpr int kRounds = 4;

struct Member {
  std::size_t grid = 0;
  int i = 0, j = 0;
};

class Exchange {
 public:
  Exchange(const std::vector<RowGrid*>& grids, const PointIndex& points)
      : grids_(grids), points_(points) {
    for (std::size_t g = 0; g < grids.size(); ++g)
      for (const auto& [j, row] : grids[g]->rows)
        for (const auto& [i, tree] : row) member_of_[tree] = {g, i, j};
  }

  void run() {
    for (int round = 0; round < kRounds; ++round) {
      std::size_t moved = 0;
      for (std::size_t g = 0; g < grids_.size(); ++g)
        for (auto& [j, row] : grids_[g]->rows)
          for (const bool high : {false, true})
            while (row.size() > 1 && move_end(g, row, high)) ++moved;
      if (moved == 0) return;
    }
  }

 private:
  bool move_end(std::size_t g, std::map<int, int>& row, bool high) {
    const auto end = high ? std::prev(row.end()) : row.begin();
    const auto inner = high ? std::prev(end) : std::next(end);
    if (std::abs(end->first - inner->first) < 2) return false;
    const int tree = end->second;
    const auto to = place_in_another(g, tree);
    if (!to) return false;
    row.erase(end);
    grids_[to->grid]->rows[to->j][to->i] = tree;
    member_of_[tree] = *to;
    return true;
  }

  /// A free place of another block on which the tree stands, by a tree of the same row.
  std::optional<Member> place_in_another(std::size_t g, int tree) const {
    const Point& p = points_.points()[static_cast<std::size_t>(tree)];
    for (const int k : points_.nearest(p, 12)) {
      const auto found = member_of_.find(k);
      if (found == member_of_.end() || found->second.grid == g) continue;
      const Member& near = found->second;
      const RowGrid& grid = *grids_[near.grid];
      const auto here = grid.predict(near.i, near.j);
      if (!here) continue;
      const double spacing = std::hypot(here->frame.u.x, here->frame.u.y);
      if (distance(p, here->position) > kNear * spacing) continue;
      for (int dj = -1; dj <= 1; ++dj)
        for (int di = -kReach; di <= kReach; ++di) {
          const Member place{near.grid, near.i + di, near.j + dj};
          if (stands_on(grid, place, p, spacing)) return place;
        }
    }
    return std::nullopt;
  }

  static bool stands_on(const RowGrid& grid, const Member& place, const Point& p, double spacing) {
    if (grid.holds(place.i, place.j)) return false;
    bool is_beside = false;  // one empty place between may be a missing tree
    for (const int step : {-2, -1, 1, 2}) is_beside |= grid.holds(place.i + step, place.j);
    if (!is_beside) return false;
    const auto wanted = grid.predict(place.i, place.j);
    return wanted && distance(wanted->position, p) < kOnPlace * spacing;
  }

  const std::vector<RowGrid*>& grids_;
  const PointIndex& points_;
  std::unordered_map<int, Member> member_of_;
};

}  // namespace

void exchange_trees(const std::vector<RowGrid*>& grids, const PointIndex& points) {
  if (grids.size() > 1) Exchange(grids, points).run();
}

}  // namespace canopy
