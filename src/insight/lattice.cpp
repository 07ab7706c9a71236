// SPDX-License-Identifier: Apache-2.0
#include "insight/lattice.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <Eigen/Dense>

namespace canopy {
namespace {

constexpr double kReach = 4.3;        // steps from which trees speak for a place
constexpr double kWeightSigma = 2.3;  // steps
constexpr double kStepSd = 0.1;       // of the steps that a neighbour hands on, in spacings
constexpr double kBendRadius = 15;    // spacings; the prior's standard deviation of curvature
constexpr double kLeastBend = 0.15;   // of that, where the trees show straight rows
constexpr double kLargestSd = 0.17;   // of a prediction that is acted on, in spacings
constexpr double kFirstJitter = 0.1;
constexpr double kTolerance = 0.34;  // spacings, at most
constexpr double kLeastTolerance = 0.18;
constexpr double kToleratedSigmas = 3.4;
constexpr std::size_t kFirstTrees = 70;  // to tell the jitter from, before going on
constexpr double kFewIntruders = 0.15;   // for each tree won by growing boldly
constexpr int kLeastTouching = 2;        // numbered trees among the eight places round a new one
constexpr int kLeastNear =
    6;  // or among the 24: more than the five that stand across an empty line
constexpr double kMostDrift = 0.25;  // of the spacings, against those of the seed
constexpr double kLeastSupportBeyondEmpty = 1.6;
constexpr double kIntruder =
    0.55;  // spacings: a tree this near to an empty place contradicts the pattern
constexpr double kMostLonely = 0.6;     // of the trees round a tree, with no neighbour in the row
constexpr double kMostIntruders = 0.3;  // of the decided places round a place

double length(const Point& p) { return std::sqrt(p.x * p.x + p.y * p.y); }
double cross(const Point& a, const Point& b) { return a.x * b.y - a.y * b.x; }
Point unit(const Point& p) { return {p.x / length(p), p.y / length(p)}; }

struct Offset {
  int a = 0, b = 0;
  double weight = 0;
};

std::vector<Offset> offsets_within(double reach, double sigma) {
  std::vector<Offset> offsets;
  const int n = static_cast<int>(reach);
  for (int b = -n; b <= n; ++b)
    for (int a = -n; a <= n; ++a) {
      const double d2 = a * a + b * b;
      if (d2 > 0 && d2 <= reach * reach)
        offsets.push_back({a, b, std::exp(-d2 / (2 * sigma * sigma))});
    }
  return offsets;
}

const std::vector<Offset>& offsets() {
  static const auto all = offsets_within(kReach, kWeightSigma);
  return all;
}

}  // namespace

bool Lattice::Candidate::operator<(const Candidate& other) const {
  if (support != other.support) return support < other.support;
  return site.i != other.site.i ? site.i < other.site.i : site.j < other.site.j;
}

Lattice::Lattice(const PointIndex& points, const LatticeSeed& seed, const std::vector<char>& free)
    : points_(points), free_(free) {
  LatticeFrame frame;
  frame.u = seed.u;
  frame.v = seed.v.value_or(Point{-seed.u.y, seed.u.x});
  jitter_m_ = kFirstJitter * spacing(frame);
  first_cell_m2_ = std::abs(cross(frame.u, frame.v));
  first_step_m_ = length(frame.u);
  assign({0, 0}, seed.centre, frame);
  grow(kFirstTrees);
  clean();
  for (int round = 0; round < 3; ++round) {
    grow_again();
    clean();
  }
  grow_again();
  grow_boldly();
  while (leave_foreign()) continue;
}

void Lattice::grow_again() {
  empty_.clear();
  std::vector<Site> sites;
  for (const auto& [site, tree] : trees_) sites.push_back(site);
  for (const Site& site : sites) offer_neighbours(site, frames_.at(site), 0);
  grow(points_.points().size());
}

void Lattice::grow_boldly() {
  const auto trees = trees_;
  const auto frames = frames_;
  const auto free = free_;
  const auto intruded = intruded_;
  // What the block has shown of itself: straight rows can be followed further than the prior would.
  std::vector<double> bends;
  for (const auto& [site, tree] : trees_)
    if (const auto wanted = predict(site)) bends.push_back(wanted->bend);
  if (bends.size() < kFirstTrees / 2) return;
  const auto most = bends.begin() + static_cast<long>(bends.size() * 19 / 20);
  std::nth_element(bends.begin(), most, bends.end());
  bend_scale_ = std::clamp(1.5 * *most, kLeastBend, 1.0);
  is_bold_ = true;
  grow_again();
  clean();
  const double won = static_cast<double>(trees_.size()) - static_cast<double>(trees.size());
  if (static_cast<double>(intruded_.size()) - static_cast<double>(intruded.size()) <=
      kFewIntruders * won)
    return;
  bend_scale_ = 1;
  trees_ = trees;
  frames_ = frames;
  free_ = free;
  intruded_ = intruded;
}

std::optional<int> Lattice::tree_at(const Site& site) const {
  const auto found = trees_.find(site);
  if (found == trees_.end()) return std::nullopt;
  return found->second;
}

double Lattice::spacing(const LatticeFrame& frame) const {
  return std::min(length(frame.u), length(frame.v));
}

void Lattice::assign(const Site& site, int tree, const LatticeFrame& frame) {
  trees_[site] = tree;
  free_[static_cast<std::size_t>(tree)] = 0;
  empty_.erase(site);
  frames_[site] = frame;
  offer_neighbours(site, frame, 0);
}

void Lattice::offer_neighbours(const Site& site, const LatticeFrame& frame, double least_support) {
  static constexpr std::array<std::array<int, 2>, 8> kAround = {
      {{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, -1}, {1, -1}, {-1, 1}}};
  const std::size_t count = least_support > 0 ? 4 : 8;
  for (std::size_t k = 0; k < count; ++k) {
    const Site next = site + kAround[k][0] * frame.a + kAround[k][1] * frame.b;
    if (trees_.contains(next)) continue;
    const double support = support_of(next, frame);
    const auto known = empty_.find(next);
    if (support < least_support || (known != empty_.end() && support <= known->second * 1.05))
      continue;
    queue_.push_back({support, next, frame});
    std::push_heap(queue_.begin(), queue_.end());
  }
}

void Lattice::grow(std::size_t most) {
  while (!queue_.empty() && trees_.size() < most) {
    std::pop_heap(queue_.begin(), queue_.end());
    const Candidate next = queue_.back();
    queue_.pop_back();
    if (trees_.contains(next.site)) continue;
    const auto known = empty_.find(next.site);
    if (known != empty_.end() && known->second >= next.support) continue;
    if (intruded_share(next.site, next.frame) > kMostIntruders) continue;
    const Prediction wanted = fit(next.site, next.frame);
    if (!(wanted.sd_m <= kLargestSd * spacing(wanted.frame)) || has_drifted(wanted.frame)) continue;
    const auto tree = nearest_free(wanted);
    if (is_intruded(wanted, tree))
      intruded_.insert(next.site);
    else
      intruded_.erase(next.site);
    if (tree && is_touching(next.site, next.frame)) {
      assign(next.site, *tree, wanted.frame);
    } else {
      empty_[next.site] = next.support;
      frames_[next.site] = wanted.frame;
      offer_neighbours(next.site, wanted.frame, kLeastSupportBeyondEmpty);
    }
  }
}

void Lattice::clean() {
  std::vector<double> along;
  std::vector<Site> leaving;
  for (const auto& [site, tree] : trees_) {
    const auto wanted = predict(site);
    if (!wanted) continue;
    const Point& place = points_.points()[static_cast<std::size_t>(tree)];
    if (misfit(*wanted, place) > 1.1 || intruded_share(site, wanted->frame) > kMostIntruders)
      leaving.push_back(site);
    along.push_back(distance(wanted->position, place));
  }
  if (along.size() >= 12) {
    const auto middle = along.begin() + static_cast<long>(along.size() / 2);
    std::nth_element(along.begin(), middle, along.end());
    // The median of a Rayleigh distribution is 1.177 sigma.
    const double floor_m = 0.02 * spacing(frames_.begin()->second);
    jitter_m_ = std::max(floor_m, *middle / 1.177);
  }
  for (const Site& site : leaving) {
    free_[static_cast<std::size_t>(trees_.at(site))] = 1;
    trees_.erase(site);
  }
}

bool Lattice::leave_foreign() {
  const auto is_lonely = [&](const Site& site) {
    const LatticeFrame& f = frames_.at(site);
    return !trees_.contains(site + f.a) && !trees_.contains(site + -1 * f.a);
  };
  std::vector<Site> leaving;
  for (const auto& [site, tree] : trees_) {
    if (!is_lonely(site)) continue;
    double all = 1, lonely = 1;
    const LatticeFrame& frame = frames_.at(site);
    for (const Offset& o : offsets()) {
      const Site other = site + o.a * frame.a + o.b * frame.b;
      if (!trees_.contains(other)) continue;
      all += o.weight;
      if (is_lonely(other)) lonely += o.weight;
    }
    if (lonely > kMostLonely * all) leaving.push_back(site);
  }
  for (const Site& site : leaving) {
    free_[static_cast<std::size_t>(trees_.at(site))] = 1;
    trees_.erase(site);
  }
  return !leaving.empty();
}

/// A block ends where a whole line of its places is empty.
bool Lattice::is_touching(const Site& site, const LatticeFrame& frame) const {
  if (is_bold_) return true;
  int touching = 0, near = 0;
  for (int b = -2; b <= 2; ++b)
    for (int a = -2; a <= 2; ++a) {
      const bool holds = trees_.contains(site + a * frame.a + b * frame.b);
      near += holds;
      touching += holds && std::abs(a) < 2 && std::abs(b) < 2;
    }
  if (trees_.size() < 4) return true;
  return near >= kLeastNear || touching >= kLeastTouching;
}

bool Lattice::has_drifted(const LatticeFrame& frame) const {
  const auto is_off = [](double ratio) {
    return ratio > 1 + kMostDrift || ratio < 1 / (1 + kMostDrift);
  };
  return is_off(std::abs(cross(frame.u, frame.v)) / first_cell_m2_) ||
         is_off(length(frame.u) / first_step_m_);
}

bool Lattice::is_intruded(const Prediction& wanted, const std::optional<int>& tree) const {
  const double reach = kIntruder / tolerance_of(wanted);  // as a misfit
  for (int k : points_.within(wanted.position, 1.5 * kIntruder * length(wanted.frame.u)))
    if (free_[static_cast<std::size_t>(k)] && k != tree &&
        misfit(wanted, points_.points()[static_cast<std::size_t>(k)]) < reach)
      return true;
  return false;
}

double Lattice::intruded_share(const Site& site, const LatticeFrame& frame) const {
  double decided = 0, intruded = 0;
  for (const Offset& o : offsets()) {
    const Site other = site + o.a * frame.a + o.b * frame.b;
    if (!trees_.contains(other) && !empty_.contains(other)) continue;
    decided += o.weight;
    if (intruded_.contains(other)) intruded += o.weight;
  }
  return decided > 0 ? intruded / decided : 0;
}

double Lattice::support_of(const Site& site, const LatticeFrame& frame) const {
  double sum = 0;
  for (const Offset& o : offsets())
    if (trees_.contains(site + o.a * frame.a + o.b * frame.b)) sum += o.weight;
  return sum;
}

Lattice::Prediction Lattice::fit(const Site& site, const LatticeFrame& prior) const {
  const double lu = length(prior.u), lv = length(prior.v),
               radius = kBendRadius * std::max(lu, lv) / bend_scale_;
  // Unknowns: place, u, v, and the halves of the second differences uu, uv, vv.
  const std::array<double, 6> sd = {1e3 * lu,
                                    kStepSd * lu,
                                    kStepSd * lu,
                                    lu * lu / (2 * radius),
                                    lu * lv / radius,
                                    std::min(lv * lv / (2 * radius), 0.1 * lu * bend_scale_)};
  const int unknowns = 6;
  Eigen::Matrix<double, 6, 6> normal = Eigen::Matrix<double, 6, 6>::Zero();
  Eigen::Matrix<double, 6, 2> right = Eigen::Matrix<double, 6, 2>::Zero();
  const double noise = 1 / (jitter_m_ * jitter_m_);
  Prediction result;
  Point origin;
  bool has_origin = false;
  for (const Offset& o : offsets()) {
    const auto found = trees_.find(site + o.a * prior.a + o.b * prior.b);
    if (found == trees_.end()) continue;
    const Point& p = points_.points()[static_cast<std::size_t>(found->second)];
    if (!has_origin) origin = p;
    has_origin = true;
    const double a = o.a, b = o.b;
    Eigen::Matrix<double, 6, 1> row;
    row << 1, a, b, a * a, a * b, b * b;
    // The prior's steps are taken off, so that the prior of what remains is centred on 0.
    const double dx = p.x - origin.x - a * prior.u.x - b * prior.v.x;
    const double dy = p.y - origin.y - a * prior.u.y - b * prior.v.y;
    const double w = o.weight * noise;
    normal.selfadjointView<Eigen::Lower>().rankUpdate(row, w);
    right.col(0) += w * dx * row;
    right.col(1) += w * dy * row;
    result.support += o.weight;
  }
  for (int k = 0; k < unknowns; ++k)
    normal(k, k) += 1 / (sd[static_cast<std::size_t>(k)] * sd[static_cast<std::size_t>(k)]);
  const auto solver = normal.selfadjointView<Eigen::Lower>().ldlt();
  const Eigen::Matrix<double, 6, 2> x = solver.solve(right);
  const Eigen::Matrix<double, 6, 1> first = Eigen::Matrix<double, 6, 1>::Unit(0);
  result.sd_m = has_origin ? std::sqrt(solver.solve(first)(0)) : 1e9;
  result.position = {origin.x + x(0, 0), origin.y + x(0, 1)};
  for (int k = 3; k < unknowns; ++k)
    result.bend =
        std::max(result.bend, std::hypot(x(k, 0), x(k, 1)) / sd[static_cast<std::size_t>(k)]);
  result.frame = prior;
  result.frame.u = {prior.u.x + x(1, 0), prior.u.y + x(1, 1)};
  result.frame.v = {prior.v.x + x(2, 0), prior.v.y + x(2, 1)};
  IntegerBasis k;
  reduce_basis(result.frame.u, result.frame.v, &k);
  result.frame.a = k.ui * prior.a + k.uj * prior.b;
  result.frame.b = k.vi * prior.a + k.vj * prior.b;
  return result;
}

double Lattice::tolerance_of(const Prediction& prediction) const {
  const double sd_m = std::sqrt(jitter_m_ * jitter_m_ + prediction.sd_m * prediction.sd_m);
  return std::clamp(
      kToleratedSigmas * sd_m / length(prediction.frame.u), kLeastTolerance, kTolerance);
}

double Lattice::misfit(const Prediction& prediction, const Point& place) const {
  const Point along = unit(prediction.frame.u);
  const Point d{place.x - prediction.position.x, place.y - prediction.position.y};
  const double lu = length(prediction.frame.u);
  const double rows = std::abs(cross(along, prediction.frame.v));
  const double tolerance = tolerance_of(prediction);
  const double s = (d.x * along.x + d.y * along.y) / (tolerance * lu);
  const double t = cross(along, d) / (tolerance * std::min(rows, 1.5 * lu));
  return std::hypot(s, t);
}

std::optional<int> Lattice::nearest_free(const Prediction& prediction) const {
  const double radius = 1.5 * kTolerance * length(prediction.frame.u);
  std::optional<int> best;
  double least = 1;
  for (int k : points_.within(prediction.position, radius)) {
    if (!free_[static_cast<std::size_t>(k)]) continue;
    const double miss = misfit(prediction, points_.points()[static_cast<std::size_t>(k)]);
    if (miss <= least) {
      least = miss;
      best = k;
    }
  }
  return best;
}

std::optional<LatticeFrame> Lattice::frame_near(const Site& site) const {
  if (const auto own = frames_.find(site); own != frames_.end()) return own->second;
  for (int reach = 1; reach <= 3; ++reach)
    for (int dj = -reach; dj <= reach; ++dj)
      for (int di = -reach; di <= reach; ++di) {
        const auto found = frames_.find({site.i + di, site.j + dj});
        if (found != frames_.end()) return found->second;
      }
  return std::nullopt;
}

std::optional<Lattice::Prediction> Lattice::predict(const Site& site) const {
  const auto frame = frame_near(site);
  if (!frame) return std::nullopt;
  const Prediction result = fit(site, *frame);
  if (!(result.sd_m <= kLargestSd * spacing(result.frame))) return std::nullopt;
  return result;
}

}  // namespace canopy
