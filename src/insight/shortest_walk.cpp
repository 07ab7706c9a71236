// SPDX-License-Identifier: Apache-2.0
#include "insight/shortest_walk.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "insight/point_index.h"

namespace canopy {
namespace {

constexpr int kNeighbours = 10, kLongestMove = 3;
constexpr double kLeastGain = 1e-7;
constexpr int kMostKicks = 300, kKickWork = 100000;  ///< the latter: kicks times points

/// A walk that is being improved. Positions below `low_` and from `high_` on stay: start and end.
class Path {
 public:
  Path(std::vector<Point> points, const PointIndex& index, bool has_start, bool has_end)
      : points_(std::move(points)), low_(has_start ? 1 : 0) {
    const int count = static_cast<int>(points_.size());
    high_ = count - (has_end ? 1 : 0);
    for (const Point& p : points_)
      near_.push_back(index.nearest(p, std::min(count, kNeighbours + 1)));
    path_.resize(points_.size());
    std::iota(path_.begin(), path_.end(), 0);
    place_.resize(points_.size());
    awake_.resize(points_.size());
  }

  void set(std::vector<int> path) {
    path_ = std::move(path);
    renumber(0, count());
  }
  const std::vector<int>& get() const { return path_; }
  int low() const { return low_; }
  int high() const { return high_; }

  double length() const {
    double sum = 0;
    for (int k = 1; k < count(); ++k) sum += step(k - 1, k);
    return sum;
  }

  std::vector<int> nearest_first() const {
    std::vector<int> path(path_.size());
    std::iota(path.begin(), path.end(), 0);
    for (int k = std::max(1, low_); k < high_; ++k) {
      const Point& at = points_[static_cast<std::size_t>(path[static_cast<std::size_t>(k - 1)])];
      const auto closer = [&](int a, int b) {
        return distance(at, points_[static_cast<std::size_t>(a)]) <
               distance(at, points_[static_cast<std::size_t>(b)]);
      };
      std::iter_swap(path.begin() + k,
                     std::min_element(path.begin() + k, path.begin() + high_, closer));
    }
    return path;
  }

  /// Until no node that was woken finds anything better.
  void improve() {
    while (!queue_.empty()) {
      const int node = queue_.back();
      queue_.pop_back();
      awake_[static_cast<std::size_t>(node)] = 0;
      while (improve_at(node)) {
      }
    }
  }
  void wake_all() {
    for (int k = 0; k < count(); ++k) wake(k);
  }

  /// Cuts the movable part in four and swaps the two in the middle.
  void kick(Random& random) {
    const auto cut = [&] { return low_ + static_cast<int>(random.below(high_ - low_ + 1)); };
    int cuts[] = {cut(), cut(), cut()};
    std::sort(std::begin(cuts), std::end(cuts));
    std::rotate(path_.begin() + cuts[0], path_.begin() + cuts[1], path_.begin() + cuts[2]);
    renumber(cuts[0], cuts[2]);
    for (int k : {cuts[0], cuts[0] + cuts[2] - cuts[1], cuts[2]}) wake_about(k);
  }

 private:
  int count() const { return static_cast<int>(path_.size()); }
  int at(int position) const { return path_[static_cast<std::size_t>(position)]; }
  /// Between two positions; nothing beyond an open end.
  double step(int a, int b) const {
    if (a < 0 || b < 0 || a >= count() || b >= count()) return 0;
    return distance(points_[static_cast<std::size_t>(at(a))],
                    points_[static_cast<std::size_t>(at(b))]);
  }
  void renumber(int from, int to) {
    for (int k = from; k < to; ++k) place_[static_cast<std::size_t>(at(k))] = k;
  }

  void wake(int position) {
    if (position < 0 || position >= count()) return;
    char& awake = awake_[static_cast<std::size_t>(at(position))];
    if (!awake) queue_.push_back(at(position));
    awake = 1;
  }
  /// Both ends of the step that ends at a position.
  void wake_about(int position) {
    wake(position - 1);
    wake(position);
  }

  bool improve_at(int node) {
    for (int other : near_[static_cast<std::size_t>(node)]) {
      if (other == node) continue;
      const int x = place_[static_cast<std::size_t>(node)],
                y = place_[static_cast<std::size_t>(other)];
      if (turn(std::min(x, y) + 1, std::max(x, y)) || turn(std::min(x, y), std::max(x, y) - 1) ||
          move_beside(x, y))
        return true;
    }
    return false;
  }

  /// 2-opt: positions first to last the other way round, where that is shorter.
  bool turn(int first, int last) {
    if (first >= last || first < low_ || last >= high_) return false;
    const double gain = step(first - 1, first) + step(last, last + 1) - step(first - 1, last) -
                        step(last + 1, first);
    if (gain < kLeastGain) return false;
    std::reverse(path_.begin() + first, path_.begin() + last + 1);
    renumber(first, last + 1);
    wake_about(first);
    wake_about(last + 1);
    return true;
  }

  /// Or-opt: a stretch of up to three stops that begins or ends at x, to before or behind y.
  bool move_beside(int x, int y) {
    for (int length = 1; length <= kLongestMove; ++length)
      for (const int first : {x, x - length + 1}) {
        const int last = first + length - 1;
        if (first < low_ || last >= high_ || (y >= first && y <= last)) continue;
        for (const int before : {y - 1, y})
          if (move(first, last, before)) return true;
        if (length == 1) break;
      }
    return false;
  }

  /// Puts positions first to last between `before` and the one behind it, either way round.
  bool move(int first, int last, int before) {
    if (before + 1 < low_ || before + 1 > high_) return false;
    if (before >= first - 1 && before <= last) return false;
    const double freed = step(first - 1, first) + step(last, last + 1) - step(first - 1, last + 1) +
                         step(before, before + 1);
    const double straight = step(before, first) + step(last, before + 1),
                 turned = step(before, last) + step(first, before + 1);
    if (freed - std::min(straight, turned) < kLeastGain) return false;
    if (turned < straight) std::reverse(path_.begin() + first, path_.begin() + last + 1);
    const int from = std::min(first, before + 1), to = std::max(last, before) + 1;
    if (before > last)
      std::rotate(path_.begin() + first, path_.begin() + last + 1, path_.begin() + before + 1);
    else
      std::rotate(path_.begin() + before + 1, path_.begin() + first, path_.begin() + last + 1);
    renumber(from, to);
    const int length = last - first + 1;
    for (int k : {from, from + length, to - length, to}) wake_about(k);
    return true;
  }

  std::vector<Point> points_;
  int low_ = 0, high_ = 0;
  std::vector<std::vector<int>> near_;
  std::vector<int> path_, place_, queue_;
  std::vector<char> awake_;
};

}  // namespace

Walk shortest_walk(const std::vector<Point>& points,
                   const std::optional<Point>& start,
                   const std::optional<Point>& end) {
  if (points.empty()) return {{}, start && end ? distance(*start, *end) : 0};
  std::vector<Point> all;
  if (start) all.push_back(*start);
  all.insert(all.end(), points.begin(), points.end());
  if (end) all.push_back(*end);
  Path path(all, PointIndex(all), start.has_value(), end.has_value());

  const auto improved = [&](std::vector<int> first) {
    path.set(std::move(first));
    path.wake_all();
    path.improve();
    return path.length();
  };
  std::vector<int> best = path.get();
  double least = improved(best);
  best = path.get();
  if (const double length = improved(path.nearest_first()); length < least) {
    least = length;
    best = path.get();
  }
  Random random(1, 1);
  const int kicks = std::min(kMostKicks, kKickWork / static_cast<int>(all.size()));
  for (int kick = 0; kick < kicks && points.size() > 3; ++kick) {
    path.set(best);
    path.kick(random);
    path.improve();
    if (const double length = path.length(); length < least - kLeastGain) {
      least = length;
      best = path.get();
    }
  }
  Walk walk{{}, least};
  for (int k = path.low(); k < path.high(); ++k)
    walk.order.push_back(best[static_cast<std::size_t>(k)] - path.low());
  return walk;
}

}  // namespace canopy
