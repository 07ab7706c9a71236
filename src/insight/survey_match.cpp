// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_match.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include "base/error.h"
#include "insight/point_index.h"

namespace canopy {
namespace {

constexpr double kCellM = 0.5;         // of the votes
constexpr std::size_t kVoters = 4000;  // trees of the later survey that vote
constexpr std::size_t kCandidates = 40;
constexpr double kReach = 0.35;      // of the trees' usual distance, for being the same tree
constexpr double kShiftCost = 0.04;  // of the score, for a shift of the whole search
constexpr double kLeastShare = 0.1;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<Point> places_of(const std::vector<Tree>& trees) {
  std::vector<Point> places;
  for (const Tree& tree : trees) places.push_back(tree.position);
  return places;
}

double usual_distance(const PointIndex& index) {
  std::vector<double> gaps;
  const auto step = std::max<std::size_t>(1, index.points().size() / 1000);
  for (std::size_t k = 0; k < index.points().size(); k += step) {
    const Point& p = index.points()[k];
    gaps.push_back(
        distance(p, index.points()[static_cast<std::size_t>(index.nearest(p, 2).back())]));
  }
  return median(gaps);
}

class Matcher {
 public:
  Matcher(const std::vector<Tree>& earlier, const std::vector<Tree>& later, double search_m)
      : earlier_(earlier),
        later_(later),
        index_(places_of(earlier)),
        search_m_(search_m),
        reach_m_(kReach * usual_distance(index_)) {
    for (const Tree& tree : later) {
      about_.x += tree.position.x / static_cast<double>(later.size());
      about_.y += tree.position.y / static_cast<double>(later.size());
    }
  }

  SurveyMatch run() const {
    SurveyMatch best;
    double most = -1;
    for (const Point& offset : candidates()) {
      const SurveyShift shift{about_, offset, 0, 1};
      const double score = score_of(pairs(shift), offset);
      if (score > most) {
        most = score;
        best.shift = shift;
      }
    }
    for (int round = 0; round < 3; ++round) best.shift = fitted(pairs(best.shift), best.shift);
    best.trees = pairs(best.shift);
    std::vector<double> distances;
    for (const TreeMatch& pair : best.trees) distances.push_back(pair.distance_m);
    if (!distances.empty()) best.residual_m = median(distances);
    return best;
  }

 private:
  /// The offsets that bring the most trees onto others.
  std::vector<Point> candidates() const {
    std::map<std::pair<int, int>, int> votes;
    std::vector<int> near;
    const auto step = std::max<std::size_t>(1, later_.size() / kVoters);
    for (std::size_t k = 0; k < later_.size(); k += step) {
      const Point& p = later_[k].position;
      index_.within(p, search_m_, near);
      for (const int n : near) {
        const Point& q = earlier_[static_cast<std::size_t>(n)].position;
        ++votes[{static_cast<int>(std::lround((q.x - p.x) / kCellM)),
                 static_cast<int>(std::lround((q.y - p.y) / kCellM))}];
      }
    }
    std::vector<std::pair<int, std::pair<int, int>>> order;
    for (const auto& [cell, count] : votes) {
      int sum = 0;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          if (const auto other = votes.find({cell.first + dx, cell.second + dy});
              other != votes.end())
            sum += other->second;
      order.push_back({sum, cell});
    }
    std::sort(order.rbegin(), order.rend());
    std::vector<Point> offsets = {{0, 0}};
    for (std::size_t k = 0; k < std::min(kCandidates, order.size()); ++k)
      offsets.push_back({order[k].second.first * kCellM, order[k].second.second * kCellM});
    return offsets;
  }

  std::vector<TreeMatch> pairs(const SurveyShift& shift) const {
    std::vector<TreeMatch> all, kept;
    std::vector<int> near;
    for (std::size_t k = 0; k < later_.size(); ++k) {
      const Point p = shift(later_[k].position);
      index_.within(p, reach_m_, near);
      for (const int n : near)
        all.push_back(
            {n, static_cast<int>(k), distance(p, earlier_[static_cast<std::size_t>(n)].position)});
    }
    std::stable_sort(all.begin(), all.end(), [](const TreeMatch& a, const TreeMatch& b) {
      return a.distance_m < b.distance_m;
    });
    std::unordered_set<int> taken_earlier, taken_later;
    for (const TreeMatch& pair : all)
      if (!taken_earlier.contains(pair.earlier) && !taken_later.contains(pair.later)) {
        taken_earlier.insert(pair.earlier);
        taken_later.insert(pair.later);
        kept.push_back(pair);
      }
    std::sort(kept.begin(), kept.end(), [](const TreeMatch& a, const TreeMatch& b) {
      return a.earlier < b.earlier;
    });
    return kept;
  }

  /// Pairs, more for those whose crowns are alike in size, less for a long way.
  double score_of(const std::vector<TreeMatch>& pairs, const Point& offset) const {
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (const TreeMatch& pair : pairs) {
      const double a = earlier_[static_cast<std::size_t>(pair.earlier)].area_m2,
                   b = later_[static_cast<std::size_t>(pair.later)].area_m2;
      if (!(a > 0) || !(b > 0)) continue;
      const double p = std::log(a), q = std::log(b);
      ++n, x += p, y += q, xx += p * p, yy += q * q, xy += p * q;
    }
    const double spread = std::sqrt(std::max(0.0, (xx - x * x / n) * (yy - y * y / n)));
    const double alike = n > 10 && spread > 0 ? (xy - x * y / n) / spread : 0;
    const double far = std::hypot(offset.x, offset.y) / search_m_;
    return static_cast<double>(pairs.size()) * (1 + std::max(0.0, alike)) * (1 - kShiftCost * far);
  }

  SurveyShift fitted(const std::vector<TreeMatch>& pairs, const SurveyShift& before) const {
    if (pairs.size() < 3) return before;
    const auto n = static_cast<double>(pairs.size());
    Point from, to;
    for (const TreeMatch& pair : pairs) {
      const Point &p = later_[static_cast<std::size_t>(pair.later)].position,
                  &q = earlier_[static_cast<std::size_t>(pair.earlier)].position;
      from = {from.x + p.x / n, from.y + p.y / n};
      to = {to.x + q.x / n, to.y + q.y / n};
    }
    double along = 0, across = 0, size = 0;
    for (const TreeMatch& pair : pairs) {
      const Point &p = later_[static_cast<std::size_t>(pair.later)].position,
                  &q = earlier_[static_cast<std::size_t>(pair.earlier)].position;
      const Point u{p.x - from.x, p.y - from.y}, v{q.x - to.x, q.y - to.y};
      along += u.x * v.x + u.y * v.y;
      across += u.x * v.y - u.y * v.x;
      size += u.x * u.x + u.y * u.y;
    }
    if (!(size > 0)) return before;
    SurveyShift shift{about_, {}, std::atan2(across, along), std::hypot(along, across) / size};
    const Point there = shift(from);
    shift.shift = {to.x - there.x, to.y - there.y};
    return shift;
  }

  const std::vector<Tree>&earlier_, &later_;
  PointIndex index_;
  double search_m_, reach_m_;
  Point about_;
};

}  // namespace

Point SurveyShift::operator()(const Point& place) const {
  const double c = scale * std::cos(turn_rad), s = scale * std::sin(turn_rad);
  const double dx = place.x - about.x, dy = place.y - about.y;
  return {about.x + c * dx - s * dy + shift.x, about.y + s * dx + c * dy + shift.y};
}

SurveyMatch match_surveys(const std::vector<Tree>& earlier,
                          const std::vector<Tree>& later,
                          double search_m) {
  require(earlier.size() >= 3 && later.size() >= 3,
          "two surveys are laid on each other by their trees; give surveys of three trees or more");
  const SurveyMatch match = Matcher(earlier, later, search_m).run();
  const auto fewer = static_cast<double>(std::min(earlier.size(), later.size()));
  require(static_cast<double>(match.trees.size()) >= kLeastShare * fewer, [&] {
    return "only " + std::to_string(match.trees.size()) + " of " +
           std::to_string(static_cast<int>(fewer)) +
           " trees stand in both surveys; are they of the same orchard, in the same CRS?";
  });
  return match;
}

}  // namespace canopy
