// SPDX-License-Identifier: Apache-2.0
#include "insight/lattice_seed.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace canopy {
namespace {

constexpr double kTolerance = 0.3;    // of the nearest neighbours' distance
constexpr double kLeastShare = 0.42;  // chance alone gives about 0.25
constexpr double kOfTheBest = 0.7;

struct Step {
  Point d;
  double share = 0;
};

double dot(const Point& a, const Point& b) { return a.x * b.x + a.y * b.y; }
double cross(const Point& a, const Point& b) { return a.x * b.y - a.y * b.x; }
double length(const Point& a) { return std::sqrt(dot(a, a)); }

class Neighbourhood {
 public:
  Neighbourhood(const PointIndex& all, int centre, int window)
      : centre_(all.points()[static_cast<std::size_t>(centre)]),
        near_(gather(all, centre_, window)) {
    radius_ = distance(near_.points().back(), centre_);
    std::vector<double> gaps;
    for (const Point& p : near_.points())
      gaps.push_back(distance(p, at(near_.nearest(p, 2).back())));
    std::nth_element(gaps.begin(), gaps.begin() + static_cast<long>(gaps.size() / 2), gaps.end());
    spacing_ = gaps[gaps.size() / 2];
  }

  double spacing() const { return spacing_; }
  double density() const { return near_.size() / (std::numbers::pi * radius_ * radius_); }

  /// The distinct steps from the innermost trees to any other, shortest first, with their shares.
  std::vector<Step> steps() const {
    const double tolerance = kTolerance * spacing_;
    std::vector<Step> steps;
    const int inner = std::min(8, near_.size());
    for (int a = 0; a < inner; ++a)
      for (int b = 0; b < near_.size(); ++b) {
        Point d{at(b).x - at(a).x, at(b).y - at(a).y};
        if (a == b || length(d) < 0.5 * spacing_) continue;
        if (d.x < 0 || (d.x == 0 && d.y < 0)) d = {-d.x, -d.y};
        const auto known = std::any_of(steps.begin(), steps.end(), [&](const Step& s) {
          return distance(s.d, d) < tolerance * 0.6;
        });
        if (!known) steps.push_back(measured(measured({d, 0}).d));
      }
    std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
      return length(a.d) < length(b.d);
    });
    return steps;
  }

 private:
  static std::vector<Point> gather(const PointIndex& all, const Point& centre, int window) {
    std::vector<Point> points;
    for (int k : all.nearest(centre, window))
      points.push_back(all.points()[static_cast<std::size_t>(k)]);
    return points;
  }
  const Point& at(int k) const { return near_.points()[static_cast<std::size_t>(k)]; }

  Step measured(const Point& d) const { return measured(Step{d, 0}); }
  /// The share of a step, and the step moved to the mean of what it meets.
  Step measured(const Step& step) const {
    int possible = 0, met = 0;
    Point sum;
    for (const Point& p : near_.points()) {
      const Point q{p.x + step.d.x, p.y + step.d.y};
      if (distance(q, centre_) > radius_) continue;
      ++possible;
      const int found = near_.closest_within(q, kTolerance * spacing_);
      if (found < 0) continue;
      const Point& hit = at(found);
      ++met;
      sum = {sum.x + hit.x - p.x, sum.y + hit.y - p.y};
    }
    if (met == 0 || possible < 6) return {step.d, 0};
    return {{sum.x / met, sum.y / met}, static_cast<double>(met) / possible};
  }

  Point centre_;
  PointIndex near_;
  double radius_ = 0, spacing_ = 0;
};

}  // namespace

void reduce_basis(Point& u, Point& v, IntegerBasis* steps) {
  for (int round = 0; round < 64; ++round) {
    if (length(v) < length(u)) {
      std::swap(u, v);
      if (steps) {
        std::swap(steps->ui, steps->vi);
        std::swap(steps->uj, steps->vj);
      }
    }
    const double uu = dot(u, u);
    if (!(uu > 0)) return;
    const int k = static_cast<int>(std::lround(dot(u, v) / uu));
    const Point shorter{v.x - k * u.x, v.y - k * u.y};
    if (k == 0 || length(shorter) >= length(v) * (1 - 1e-9)) return;
    v = shorter;
    if (steps) {
      steps->vi -= k * steps->ui;
      steps->vj -= k * steps->uj;
    }
  }
}

std::optional<LatticeSeed> find_lattice_seed(const PointIndex& points, int centre, int window) {
  if (points.size() < 4) return std::nullopt;
  const Neighbourhood neighbourhood(points, centre, window);
  if (!(neighbourhood.spacing() > 0)) return std::nullopt;
  const auto steps = neighbourhood.steps();
  const auto shortest_of_the_best = [&](const auto& is_candidate) {
    double best = 0;
    for (const Step& s : steps)
      if (is_candidate(s)) best = std::max(best, s.share);
    return std::find_if(steps.begin(), steps.end(), [&](const Step& s) {
      return is_candidate(s) && s.share >= std::max(kLeastShare, kOfTheBest * best);
    });
  };
  const auto u = shortest_of_the_best([](const Step&) { return true; });
  if (u == steps.end()) return std::nullopt;
  LatticeSeed seed{centre, u->d, std::nullopt, u->share, 0, 0};
  const auto v = shortest_of_the_best([&](const Step& s) {
    return std::abs(cross(u->d, s.d)) >= 0.5 * neighbourhood.spacing() * length(u->d);
  });
  if (v == steps.end()) return seed;
  seed.v = v->d;
  seed.share_v = v->share;
  reduce_basis(seed.u, *seed.v);
  seed.occupancy = std::abs(cross(seed.u, *seed.v)) * neighbourhood.density();
  return seed;
}

}  // namespace canopy
