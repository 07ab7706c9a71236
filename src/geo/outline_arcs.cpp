// SPDX-License-Identifier: Apache-2.0
#include "geo/outline_arcs.h"

#include <algorithm>
#include <cmath>

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

/// How often the closed way through `points` winds round p, which is not on it.
int winding(const LatticePoint* first, const LatticePoint* last, const LatticePoint& p) {
  int turns = 0;
  for (const LatticePoint *a = last, *b = first; b <= last; a = b++) {
    if ((a->y <= p.y) == (b->y <= p.y)) continue;
    const std::int64_t side = cross(*a, *b, p);
    if (a->y <= p.y && side > 0) ++turns;
    if (a->y > p.y && side < 0) --turns;
  }
  return turns;
}

struct Farthest {
  std::size_t at = 0;
  double squared = -1;
};

/// Of the points between two of them, the one farthest from the segment that joins those.
Farthest farthest(const std::vector<LatticePoint>& points, std::size_t from, std::size_t to) {
  Farthest result;
  for (std::size_t i = from + 1; i < to; ++i) {
    const double squared = squared_distance(points[i], points[from], points[to]);
    if (squared > result.squared) result = {i, squared};
  }
  return result;
}

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
  if (n == 0) return {};
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

bool OutlineArcs::is_free(const std::vector<LatticePoint>& points,
                          std::size_t from,
                          std::size_t to) const {
  const LatticePoint &a = points[from], &c = points[to];
  const double dx = c.x - a.x, dy = c.y - a.y, reach = tolerance_ + 1e-9;
  const double half_width = dy != 0 ? reach * std::hypot(dx, dy) / std::abs(dy) : INFINITY;
  const double left = std::max(0.0, std::min(a.x, c.x) - reach);
  const double right = std::min(2.0 * grid_.width, std::max(a.x, c.x) + reach);
  const double top = std::max(0.0, std::min(a.y, c.y) - reach);
  const double bottom = std::min(2.0 * grid_.height, std::max(a.y, c.y) + reach);
  for (int y = static_cast<int>(std::ceil(top)); y <= bottom; ++y) {
    const double centre = dy != 0 ? a.x + (y - a.y) * dx / dy : a.x;
    const double end = std::min(right, centre + half_width);
    for (int x = static_cast<int>(std::ceil(std::max(left, centre - half_width))); x <= end; ++x) {
      const LatticePoint p = {x, y};
      if (!is_taken_[static_cast<std::size_t>(index(p))] || p == a || p == c) continue;
      if (squared_distance(p, a, c) == 0) return false;
      if (winding(&points[from], &points[to], p) != 0) return false;
    }
  }
  return true;
}

void OutlineArcs::mark(const std::vector<LatticePoint>& points,
                       std::size_t from,
                       std::size_t to,
                       bool taken) {
  for (std::size_t i = from + 1; i < to; ++i)
    is_taken_[static_cast<std::size_t>(index(points[i]))] = taken;
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
  std::vector<LatticePoint> points = std::move(arc.points);
  if (arc.is_closed) points.push_back(points.front());
  const std::size_t last = points.size() - 1;
  std::vector<std::size_t> stops = {last};  // still to be reached, nearest at the back
  if (points.front() == points.back()) {
    // A ring keeps its widest points, so that it does not collapse.
    const std::size_t across = farthest(points, 0, last).at;
    const Farthest back = farthest(points, across, last), forth = farthest(points, 0, across);
    if (back.squared > 0) stops.push_back(back.at);
    stops.push_back(across);
    if (forth.squared > 0) stops.push_back(forth.at);
  }
  arc.points = {points.front()};
  for (std::size_t from = 0; !stops.empty();) {
    const std::size_t to = stops.back();
    const Farthest most = farthest(points, from, to);
    mark(points, from, to, false);
    // Two arcs between the same junctions must not become one line: the id between them would
    // vanish.
    const bool is_whole = from == 0 && to == last;
    const bool is_good =
        most.squared <= tolerance_ * tolerance_ && is_free(points, from, to) &&
        !(is_whole && !straight.insert(std::minmax(points[from], points[to])).second);
    if (is_good || to == from + 1) {
      arc.points.push_back(points[to]);
      stops.pop_back();
      from = to;
    } else {
      mark(points, from, to, true);
      stops.push_back(most.at);
    }
  }
  if (arc.is_closed) arc.points.pop_back();
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
