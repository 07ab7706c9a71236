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
    0.05;  // patches of 3 x 3 empty places that chance may leave in a block
constexpr double kStraightEdge = 0.15;  // slope of an edge that stands square on the rows
constexpr double kEdgeJitter = 0.2;     // of trees along such an edge, in steps
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
    const double odds = std::pow(vacancy_, run);
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

  /// The last tree of row j + dj, on the side that `sign` says.
  const Point* end_of_row(int j, int sign) const {
    const auto row = grid_.rows.find(j);
    if (row == grid_.rows.end()) return nullptr;
    const int tree = sign > 0 ? row->second.rbegin()->second : row->second.begin()->second;
    return &points_.points()[static_cast<std::size_t>(tree)];
  }

  /// Whether the place lies on the inner side of a line between the ends of rows on both sides. On
  /// the ground, not in places: rows may bend, edges are straight.
  bool is_within_chord(int i, int j, int sign) const {
    const auto wanted = grid_.is_aligned ? grid_.predict(i, j) : std::nullopt;
    const auto before = grid_.predict(i - sign, j);
    if (!wanted || !before) return false;
    const Point &p = wanted->position, &q = before->position;
    const Point out{p.x - q.x, p.y - q.y};  // one step outward along the row
    const double step2 = out.x * out.x + out.y * out.y;
    for (const auto& [below, above] : {std::pair{-1, 1}, {-2, 1}, {-1, 2}, {-2, 2}}) {
      const Point *a = end_of_row(j + below, sign), *b = end_of_row(j + above, sign);
      if (!a || !b) continue;
      // Where the line a-b crosses the row, in steps outward from the place; rows on both sides, so
      // it does.
      const Point d{b->x - a->x, b->y - a->y};
      const double turn = out.x * d.y - out.y * d.x;
      if (std::abs(turn) < 0.3 * std::sqrt(step2 * (d.x * d.x + d.y * d.y))) continue;
      const double reach = ((a->x - p.x) * d.y - (a->y - p.y) * d.x) / turn;
      const double slant = std::abs(out.x * d.x + out.y * d.y) / std::abs(turn);
      if (reach >= (slant < kStraightEdge ? -kEdgeJitter : 0)) return true;
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
