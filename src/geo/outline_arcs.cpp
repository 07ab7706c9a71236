// SPDX-License-Identifier: Apache-2.0
#include "geo/outline_arcs.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <tuple>

#include "base/error.h"

namespace canopy {
namespace {

std::int64_t cross(const LatticePoint& a, const LatticePoint& b, const LatticePoint& c) {
  return static_cast<std::int64_t>(b.x - a.x) * (c.y - a.y) -
         static_cast<std::int64_t>(b.y - a.y) * (c.x - a.x);
}

double squared_distance(const LatticePoint& p, const LatticePoint& a, const LatticePoint& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, px = p.x - a.x, py = p.y - a.y;
  const double length = dx * dx + dy * dy;
  const double t = length > 0 ? std::clamp((px * dx + py * dy) / length, 0.0, 1.0) : 0;
  return (px - t * dx) * (px - t * dx) + (py - t * dy) * (py - t * dy);
}

LatticePoint middle(const LatticePoint& a, const LatticePoint& b) { return {a.x + b.x, a.y + b.y}; }

constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::size_t kFewestOfClosed = 4;
constexpr int kGone = -1;

/// One arc as it loses points.
struct Line {
  std::vector<LatticePoint> points;
  std::vector<std::size_t> previous, next;
  std::vector<int> version;  ///< of the candidate that counts; kGone
  std::size_t left = 0;
  bool is_closed = false, is_loop = false;

  bool is_fixed(std::size_t at) const { return previous[at] == kNone || next[at] == kNone; }
};

Line line_of(const std::vector<LatticePoint>& points, bool is_closed) {
  Line line;
  const std::size_t n = points.size();
  line.points = points;
  line.version.assign(n, 0);
  line.left = n;
  line.is_closed = is_closed;
  line.is_loop = !is_closed && points.front() == points.back();
  for (std::size_t i = 0; i < n; ++i) {
    line.previous.push_back(i > 0 ? i - 1 : is_closed ? n - 1 : kNone);
    line.next.push_back(i + 1 < n ? i + 1 : is_closed ? 0 : kNone);
  }
  return line;
}

/// How far the original points would be from the line without the point `at`, squared.
double deviation_without(const Line& line, std::size_t at) {
  const std::size_t from = line.previous[at], to = line.next[at], n = line.points.size();
  double most = 0;
  for (std::size_t i = (from + 1) % n; i != to; i = (i + 1) % n)
    most = std::max(most, squared_distance(line.points[i], line.points[from], line.points[to]));
  return most;
}

struct Candidate {
  double deviation = 0;
  std::size_t at = 0;
  int version = 0;
  bool operator>(const Candidate& o) const {
    return std::tie(deviation, at) > std::tie(o.deviation, o.at);
  }
};

}  // namespace

Ring corners_of(const LatticeRing& ring) {
  Ring corners;
  const std::size_t n = ring.size();
  for (std::size_t i = 0; i < n; ++i)
    if (cross(ring[(i + n - 1) % n], ring[i], ring[(i + 1) % n]) != 0)
      corners.push_back({static_cast<double>(ring[i].x), static_cast<double>(ring[i].y)});
  return corners;
}

bool OutlineArcs::is_junction(const LatticePoint& c) const {
  const std::uint32_t nw = grid_.at(c.x - 1, c.y - 1), ne = grid_.at(c.x, c.y - 1);
  const std::uint32_t sw = grid_.at(c.x - 1, c.y), se = grid_.at(c.x, c.y);
  // On the way round a plain corner or side the id changes twice, at a junction more often.
  return (nw != ne) + (ne != se) + (se != sw) + (sw != nw) > 2;
}

std::vector<OutlineArcs::Arc> OutlineArcs::arcs_of(const LatticeRing& ring) const {
  const std::size_t n = ring.size();
  std::vector<std::size_t> junctions;
  for (std::size_t i = 0; i < n; ++i)
    if (is_junction(ring[i])) junctions.push_back(i);
  std::vector<Arc> arcs;
  const auto at = [&](std::size_t i) { return ring[i % n]; };
  if (junctions.empty()) {
    Arc arc = {{}, true, false};
    for (std::size_t i = 0; i < n; ++i) arc.points.push_back(middle(at(i), at(i + 1)));
    std::rotate(arc.points.begin(),
                std::min_element(arc.points.begin(), arc.points.end()),
                arc.points.end());
    arc.is_reversed = arc.points.back() < arc.points[1];
    if (arc.is_reversed) std::reverse(arc.points.begin() + 1, arc.points.end());
    return {arc};
  }
  for (std::size_t k = 0; k < junctions.size(); ++k) {
    const std::size_t begin = junctions[k];
    const std::size_t end = k + 1 < junctions.size() ? junctions[k + 1] : junctions[0] + n;
    Arc arc;
    arc.points.push_back({2 * at(begin).x, 2 * at(begin).y});
    for (std::size_t i = begin; i < end; ++i) arc.points.push_back(middle(at(i), at(i + 1)));
    arc.points.push_back({2 * at(end).x, 2 * at(end).y});
    const auto &first = arc.points[1], &last = arc.points[arc.points.size() - 2];
    arc.is_reversed = first != last ? last < first : arc.points.back() < arc.points.front();
    if (arc.is_reversed) std::reverse(arc.points.begin(), arc.points.end());
    arcs.push_back(std::move(arc));
  }
  return arcs;
}

std::int64_t OutlineArcs::key(const Arc& arc) const {
  return index(arc.points[arc.is_closed ? 0 : 1]);
}

void OutlineArcs::add(const LatticeRing& ring) {
  for (Arc& arc : arcs_of(ring)) {
    const std::int64_t arc_key = key(arc);
    arcs_.try_emplace(arc_key, std::move(arc));
  }
}

bool OutlineArcs::is_free(const LatticePoint& a,
                          const LatticePoint& b,
                          const LatticePoint& c) const {
  const auto [low, high] = std::minmax({a.y, b.y, c.y});
  for (int y = low; y <= high; ++y) {
    double left = INFINITY, right = -INFINITY;
    const auto cut = [&](const LatticePoint& p, const LatticePoint& q) {
      if (std::min(p.y, q.y) > y || std::max(p.y, q.y) < y) return;
      if (p.y == q.y) {
        left = std::min<double>(left, std::min(p.x, q.x));
        right = std::max<double>(right, std::max(p.x, q.x));
        return;
      }
      const double x = p.x + static_cast<double>(y - p.y) * (q.x - p.x) / (q.y - p.y);
      left = std::min(left, x);
      right = std::max(right, x);
    };
    cut(a, b);
    cut(b, c);
    cut(c, a);
    for (int x = static_cast<int>(std::ceil(left - 1e-9)); x <= right + 1e-9; ++x) {
      const LatticePoint p = {x, y};
      if (p != a && p != b && p != c && is_taken_[static_cast<std::size_t>(index(p))]) return false;
    }
  }
  return true;
}

void OutlineArcs::simplify() {
  is_taken_.assign(static_cast<std::size_t>(2 * grid_.width + 1) *
                       static_cast<std::size_t>(2 * grid_.height + 1),
                   false);
  for (const auto& [arc_key, arc] : arcs_)
    for (const LatticePoint& point : arc.points)
      is_taken_[static_cast<std::size_t>(index(point))] = true;
  Segments straight;
  for (auto& [arc_key, arc] : arcs_) simplify(arc, straight);
}

void OutlineArcs::simplify(Arc& arc, Segments& straight) {
  Line line = line_of(arc.points, arc.is_closed);
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto consider = [&](std::size_t at) {
    if (line.is_fixed(at)) return;
    const double deviation = deviation_without(line, at);
    ++line.version[at];
    if (deviation <= tolerance_ * tolerance_) queue.push({deviation, at, line.version[at]});
  };
  for (std::size_t at = 0; at < line.points.size(); ++at) consider(at);
  const std::size_t fewest = line.is_closed ? kFewestOfClosed
                             : line.is_loop ? kFewestOfClosed + 1
                                            : 2;
  while (!queue.empty() && line.left > fewest) {
    const Candidate next = queue.top();
    queue.pop();
    if (line.version[next.at] != next.version) continue;
    const std::size_t before = line.previous[next.at], after = line.next[next.at];
    const LatticePoint &a = line.points[before], &b = line.points[next.at], &c = line.points[after];
    if (!is_free(a, b, c)) continue;
    // Two arcs between the same junctions must not become one line: the id between them would
    // vanish.
    if (!line.is_closed && line.left == 3 && !straight.insert(std::minmax(a, c)).second) continue;
    line.version[next.at] = kGone;
    line.next[before] = after;
    line.previous[after] = before;
    --line.left;
    is_taken_[static_cast<std::size_t>(index(b))] = false;
    consider(before);
    consider(after);
  }
  arc.points.clear();
  for (std::size_t at = 0; at < line.points.size(); ++at)
    if (line.version[at] != kGone) arc.points.push_back(line.points[at]);
}

Ring OutlineArcs::ring(const LatticeRing& ring) const {
  Ring result;
  for (const Arc& own : arcs_of(ring)) {
    std::vector<LatticePoint> points = arcs_.at(key(own)).points;
    if (own.is_reversed) std::reverse(points.begin(), points.end());
    if (!own.is_closed) points.pop_back();
    for (const LatticePoint& p : points) result.push_back({p.x / 2.0, p.y / 2.0});
  }
  return result;
}

}  // namespace canopy
