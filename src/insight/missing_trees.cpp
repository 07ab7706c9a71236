// SPDX-License-Identifier: Apache-2.0
#include "insight/missing_trees.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace canopy {
namespace {

constexpr int kSureRun = 6;           // runs up to this are believed anywhere inside a row
constexpr double kUnlikely = 1e-6;    // of a longer run to be missing trees
constexpr double kNotchAtEnd = 1e-3;  // prior of an edge that is no straight line
constexpr double kNotchInside = 1e-4;
constexpr double kHoleExpected =
    0.05;                      // patches of 3 x 3 empty places that chance may leave in a block
constexpr double kRoom = 0.5;  // steps that a run may be short of
constexpr double kBulge =
    0.015;  // of the length of a run; a row of 30 times that radius has as much
constexpr double kStraightEdge = 0.15;  // slope of an edge that stands square on the rows
constexpr double kEdgeJitter = 0.2;     // of trees along such an edge, in steps
constexpr double kSticksOut = 0.6;      // steps beyond the edge that the rows on both sides make
constexpr double kGiant = 3;            // crown over the median crown
constexpr double kOccupied = 0.4;       // spacings: a detection this near holds the place

class Search {
 public:
  Search(const RowGrid& grid, const PointIndex& points)
      : grid_(grid), points_(points), vacancy_(grid.vacancy()) {
    const double log_v = std::log(vacancy_);
    longest_run_ = std::max(kSureRun, static_cast<int>(std::log(kUnlikely) / log_v));
    longest_end_ = static_cast<int>(std::log(kNotchAtEnd) / log_v);
    holes_are_chance_ =
        std::pow(empty_triples(), 3) * static_cast<double>(grid.tree_count()) >= kHoleExpected;
  }

  std::vector<MissingPlace> run() {
    for (const auto& [j, row] : grid_.rows) {
      for (auto next = row.begin(); next != row.end();) {
        const int i = next->first;
        if (++next != row.end()) inside(i, next->first, j);
      }
      end(j, true);
      end(j, false);
    }
    return std::move(found_);
  }

 private:
  /// Fraction of three neighbouring places in a row that are all empty.
  double empty_triples() const {
    double empty = 0, all = 0;
    for (const auto& [j, row] : grid_.rows)
      for (int i = row.begin()->first; i + 2 <= row.rbegin()->first; ++i, ++all)
        empty += !row.contains(i) && !row.contains(i + 1) && !row.contains(i + 2);
    return all > 0 ? empty / all : 0;
  }

  void inside(int low, int high, int j) {
    const int run = high - low - 1;
    if (run < 1 || run > longest_run_) return;
    if (!has_room(low, high, j)) return;
    const double odds = std::pow(vacancy_, run);
    const bool at_edge = !is_between_rows(low, j) || !is_between_rows(high, j);
    if (at_edge && run > longest_end_ && bulges(low, high, j)) return;
    for (int i = low + 1; i < high; ++i)
      if (is_track(i, j) || is_hole(i, j)) return;
    for (int i = low + 1; i < high; ++i)
      if (is_beside_a_tree(i, j))
        add(i, j, std::max(odds / (odds + kNotchInside), run <= kSureRun ? 0.9 : 0.0));
  }

  void end(int j, bool high) {
    const auto& row = grid_.rows.at(j);
    const int sign = high ? 1 : -1;
    const int last = high ? row.rbegin()->first : row.begin()->first;
    for (int run = 1; run <= longest_end_; ++run) {
      const int i = last + sign * run;
      if (!is_within_chord(i, j, sign) || is_hole(i, j)) return;
      const double odds = std::pow(vacancy_, run);
      add(i, j, odds / (odds + kNotchAtEnd));
    }
  }

  bool is_beside_a_tree(int i, int j) const {
    for (int dj : {-1, 1, -2, 2})
      for (int k : grid_.beside(i, j, dj))
        if (grid_.holds(k, j + dj)) return true;
    return false;
  }

  /// Whether a row has trees on both sides of place k, no farther apart than trees of one row are:
  /// a row that leaves the block and comes back does not pass by in between.
  bool passes_by(const std::map<int, int>& row, int k) const {
    const auto above = row.lower_bound(k);
    if (above == row.end()) return false;
    if (above->first == k) return true;
    return above != row.begin() && above->first - std::prev(above)->first <= longest_run_ + 1;
  }

  /// Whether the neighbouring rows on both sides pass by the place.
  bool is_between_rows(int i, int j) const {
    for (int side : {-1, 1}) {
      bool passes = false;
      for (int dj : {side, 2 * side})
        for (int k : grid_.beside(i, j, dj))
          if (const auto row = grid_.rows.find(j + dj); row != grid_.rows.end())
            passes = passes || passes_by(row->second, k);
      if (!passes) return false;
    }
    return true;
  }

  /// Whether the ground between two trees of a row is as long as their numbers say: where rows do
  /// not line up, numbers that come from the rows beside can leave one out.
  bool has_room(int low, int high, int j) const {
    const auto& row = grid_.rows.at(j);
    std::vector<double> steps;
    for (auto next = row.begin(); next != row.end();) {
      const int i = next->first;
      if (++next != row.end() && next->first == i + 1)
        steps.push_back(distance(tree_at(i, j), tree_at(i + 1, j)));
    }
    if (steps.size() < 3) return true;
    const auto middle = steps.begin() + static_cast<long>(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    return distance(tree_at(low, j), tree_at(high, j)) > (high - low - kRoom) * *middle;
  }

  /// Whether a run bends away from the straight line between the trees at its ends: so does a row
  /// that leaves the block across a straight edge and comes back.
  bool bulges(int low, int high, int j) const {
    const auto a = grid_.predict(low, j), b = grid_.predict(high, j),
               m = grid_.predict((low + high) / 2, j);
    if (!a || !b || !m) return true;
    const Point d{b->position.x - a->position.x, b->position.y - a->position.y};
    const Point e{m->position.x - a->position.x, m->position.y - a->position.y};
    return std::abs(d.x * e.y - d.y * e.x) > kBulge * (d.x * d.x + d.y * d.y);
  }

  bool is_track(int i, int j) const {
    int run = 1;
    for (int sign : {-1, 1}) {
      int k = i;
      for (int row = j; run <= longest_run_; ++run) {
        const auto places = grid_.beside(k, row, sign);
        row += sign;
        const auto line = grid_.rows.find(row);
        if (line == grid_.rows.end()) break;
        const auto empty = std::find_if(places.begin(), places.end(), [&](int p) {
          return !line->second.contains(p) && p > line->second.begin()->first &&
                 p < line->second.rbegin()->first;
        });
        if (empty == places.end() || std::any_of(places.begin(), places.end(), [&](int p) {
              return line->second.contains(p);
            }))
          break;
        k = *empty;
      }
    }
    return run > longest_run_;
  }

  /// Whether the place lies in a patch of three by three or more empty places that chance does not
  /// leave.
  bool is_hole(int i, int j) const {
    if (holes_are_chance_) return false;
    for (int dj = -2; dj <= 0; ++dj)
      for (int di = -2; di <= 0; ++di) {
        bool all_empty = true;
        for (int b = 0; b < 3 && all_empty; ++b) {
          const int row = j + dj + b;
          const auto feet = row == j ? std::vector<int>{i} : grid_.beside(i, j, row - j);
          for (int a = 0; a < 3 && all_empty; ++a)
            all_empty =
                !grid_.holds(feet.front() + di + a, row) && inside_row(feet.front() + di + a, row);
        }
        if (all_empty) return true;
      }
    return false;
  }

  bool inside_row(int i, int j) const {
    const auto row = grid_.rows.find(j);
    return row != grid_.rows.end() && i > row->second.begin()->first &&
           i < row->second.rbegin()->first;
  }

  /// The place of row j's last tree but `skip`, on the side that `sign` says.
  std::optional<int> end_place(int j, int sign, int skip = 0) const {
    const auto row = grid_.rows.find(j);
    if (row == grid_.rows.end() || static_cast<int>(row->second.size()) <= skip)
      return std::nullopt;
    return sign > 0 ? std::next(row->second.rbegin(), skip)->first
                    : std::next(row->second.begin(), skip)->first;
  }

  const Point& tree_at(int i, int j) const {
    return points_.points()[static_cast<std::size_t>(grid_.rows.at(j).at(i))];
  }

  /// How far the line through a and b lies outward of place (i, j) along its row, in steps, and its
  /// slant; nothing where it hardly crosses the row. On the ground, not in places: rows may bend,
  /// edges are straight.
  struct Edge {
    double reach = 0, slant = 0;
  };
  std::optional<Edge> edge_at(int i, int j, int sign, const Point& a, const Point& b) const {
    const auto here = grid_.predict(i, j), before = grid_.predict(i - sign, j);
    if (!here || !before) return std::nullopt;
    const Point &p = here->position, &q = before->position;
    const Point out{p.x - q.x, p.y - q.y}, d{b.x - a.x, b.y - a.y};
    const double turn = out.x * d.y - out.y * d.x;
    const double lengths = std::hypot(out.x, out.y) * std::hypot(d.x, d.y);
    if (std::abs(turn) < 0.3 * lengths) return std::nullopt;
    return Edge{((a.x - p.x) * d.y - (a.y - p.y) * d.x) / turn,
                std::abs(out.x * d.x + out.y * d.y) / std::abs(turn)};
  }

  /// The last tree of a row that counts for the edge: not one that sticks out alone, which may be a
  /// false detection.
  const Point* end_of_row(int j, int sign) const {
    const auto last = end_place(j, sign);
    if (!last) return nullptr;
    const auto a = end_place(j - 1, sign), b = end_place(j + 1, sign),
               inner = end_place(j, sign, 1);
    if (a && b && inner) {
      const auto edge = edge_at(*last, j, sign, tree_at(*a, j - 1), tree_at(*b, j + 1));
      if (edge && edge->reach < -kSticksOut) return &tree_at(*inner, j);
    }
    return &tree_at(*last, j);
  }

  /// Whether the place lies on the inner side of a line between the ends of rows on both sides.
  bool is_within_chord(int i, int j, int sign) const {
    if (!grid_.is_aligned) return false;
    for (const auto& [below, above] : {std::pair{-1, 1}, {-2, 1}, {-1, 2}, {-2, 2}}) {
      const Point *a = end_of_row(j + below, sign), *b = end_of_row(j + above, sign);
      const auto edge = a && b ? edge_at(i, j, sign, *a, *b) : std::nullopt;
      if (edge && edge->reach >= (edge->slant < kStraightEdge ? -kEdgeJitter : 0)) return true;
    }
    return false;
  }

  void add(int i, int j, double confidence) {
    const auto wanted = grid_.predict(i, j);
    if (!wanted) return;
    const double spacing = std::hypot(wanted->frame.u.x, wanted->frame.u.y);
    if (points_.any_within(wanted->position, kOccupied * spacing)) return;
    found_.push_back({i, j, wanted->position, confidence});
  }

  const RowGrid& grid_;
  const PointIndex& points_;
  double vacancy_ = 0;
  int longest_run_ = 0, longest_end_ = 0;
  bool holes_are_chance_ = false;
  std::vector<MissingPlace> found_;
};

}  // namespace

std::vector<MissingPlace> find_missing_trees(const RowGrid& grid, const PointIndex& points) {
  if (grid.rows.size() < 2) return {};
  return Search(grid, points).run();
}

void remove_shaded(const RowGrid& grid,
                   const std::vector<Point>& positions,
                   const std::vector<double>& areas_m2,
                   std::vector<MissingPlace>& missing) {
  std::vector<double> areas;
  for (const auto& [j, row] : grid.rows)
    for (const auto& [i, tree] : row) areas.push_back(areas_m2[static_cast<std::size_t>(tree)]);
  if (areas.empty()) return;
  const auto middle = areas.begin() + static_cast<long>(areas.size() / 2);
  std::nth_element(areas.begin(), middle, areas.end());
  const double giant_m2 = kGiant * *middle;
  for (std::size_t k = 0; k < positions.size(); ++k) {
    if (!(areas_m2[k] > giant_m2)) continue;
    const double radius = std::sqrt(areas_m2[k] / std::numbers::pi);
    std::erase_if(missing, [&](const MissingPlace& m) {
      return distance(m.position, positions[k]) < radius;
    });
  }
}

}  // namespace canopy
