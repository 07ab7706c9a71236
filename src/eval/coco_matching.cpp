// SPDX-License-Identifier: Apache-2.0
#include "eval/coco_matching.h"

#include <algorithm>
#include <span>

#include "eval/overlap.h"

namespace canopy {
namespace {

struct AreaRange {
  double low, high;
  bool excludes(double area) const { return area < low || area > high; }
};
constexpr std::array<AreaRange, kCocoAreas> kAreaRanges = {
    {{0, 1e10}, {0, 1024}, {1024, 9216}, {9216, 1e10}}};
constexpr double kLeastIou = 0.5;

/// Indices of found trees by category, then score; at most `most` of each category.
std::vector<int> contenders(const Scene& scene, int most) {
  std::vector<int> order = by_score(scene);
  const auto category = [&](int f) { return scene.found[f].category; };
  std::ranges::stable_sort(order, {}, category);
  std::vector<int> kept;
  for (auto first = order.begin(); first != order.end();) {
    const auto end = std::ranges::upper_bound(first, order.end(), category(*first), {}, category);
    kept.insert(kept.end(), first, first + std::min<std::ptrdiff_t>(most, end - first));
    first = end;
  }
  return kept;
}

/// One scene while it is matched; everything is indexed by the place in `contenders_` or in
/// Scene::truth.
class Matching {
 public:
  Matching(const Scene& scene, Overlap kind, int most)
      : scene_(scene),
        contenders_(contenders(scene, most)),
        pairs_(overlaps(scene, contenders_, {.kind = kind, .least_iou = kLeastIou})),
        uncounted_(scene.truth.size()),
        taken_(scene.truth.size()) {
    for (std::size_t i = 0; i < contenders_.size(); ++i) {
      const FoundTree& tree = scene.found[contenders_[i]];
      areas_.push_back(tree.area_px ? *tree.area_px : found_area_px(tree, kind));
      hidden_.push_back(is_mostly_ignored(scene, tree, kind));
      if (!pairs_[i].empty())
        paired_.push_back({i, std::ranges::max(pairs_[i], {}, &OverlapPair::iou).iou});
      matches_.push_back({tree.score, 0, 0, {}, {}});
    }
    for (int area = 0; area < kCocoAreas; ++area) {
      for (std::size_t t = 0; t < scene.truth.size(); ++t)
        uncounted_[t] =
            scene.truth[t].is_crowd || kAreaRanges[area].excludes(scene.truth[t].area_px);
      for (std::size_t i = 0; i < contenders_.size(); ++i)
        if (hidden_[i] || kAreaRanges[area].excludes(areas_[i]))
          matches_[i].uncounted[area] = (1 << kCocoThresholds) - 1;
      for (int threshold = 0; threshold < kCocoThresholds; ++threshold) match(area, threshold);
    }
  }

  std::vector<CocoMatches> by_category(int index) const {
    std::vector<CocoMatches> parts;
    for (const TruthTree& tree : scene_.truth) parts.push_back({tree.category, {}, {}});
    for (const FoundTree& tree : scene_.found) parts.push_back({tree.category, {}, {}});
    std::ranges::sort(parts, {}, &CocoMatches::category);
    const auto rest = std::ranges::unique(parts, {}, &CocoMatches::category);
    parts.erase(rest.begin(), rest.end());
    const auto part_of = [&](int category) -> CocoMatches& {
      return *std::ranges::lower_bound(parts, category, {}, &CocoMatches::category);
    };
    for (CocoMatches& part : parts) part.truths.push_back({index, {}});
    for (const TruthTree& tree : scene_.truth)
      for (int area = 0; area < kCocoAreas; ++area)
        part_of(tree.category).truths[0].counted[area] +=
            !tree.is_crowd && !kAreaRanges[area].excludes(tree.area_px);
    for (std::size_t i = 0; i < contenders_.size(); ++i) {
      CocoMatches& part = part_of(scene_.found[contenders_[i]].category);
      part.found.push_back(matches_[i]);
      part.found.back().scene = index;
      part.found.back().rank = static_cast<std::int32_t>(part.found.size() - 1);
    }
    return parts;
  }

 private:
  void match(int area, int threshold) {
    std::ranges::fill(taken_, 0);
    const auto bit = static_cast<std::uint16_t>(1 << threshold);
    const double least = std::min(linspace(0.5, 0.95, kCocoThresholds, threshold), 1 - 1e-10);
    for (const auto& [i, largest_iou] : paired_) {
      if (largest_iou < least) continue;
      const int truth = best_truth(pairs_[i], least);
      if (truth < 0) continue;
      taken_[truth] = 1;
      CocoMatch& match = matches_[i];
      if (!scene_.truth[truth].is_number_zero) {
        match.matched[area] |= bit;
        match.uncounted[area] &= ~bit;
      }
      if (uncounted_[truth]) match.uncounted[area] |= bit;
    }
  }

  /// -1 when every truth that overlaps by that much is taken.
  int best_truth(std::span<const OverlapPair> pairs, double least) const {
    int counted = -1, uncounted = -1;
    double counted_iou = least, uncounted_iou = least;
    for (const OverlapPair& pair : pairs) {
      int& best = uncounted_[pair.truth] ? uncounted : counted;
      double& best_iou = uncounted_[pair.truth] ? uncounted_iou : counted_iou;
      if (pair.iou < best_iou) continue;
      if (taken_[pair.truth] && !scene_.truth[pair.truth].is_crowd) continue;
      best_iou = pair.iou;
      best = pair.truth;
    }
    return counted >= 0 ? counted : uncounted;
  }

  /// A found tree with pairs, and the largest IoU of these.
  struct Paired {
    std::size_t i;
    double largest_iou;
  };

  const Scene& scene_;
  const std::vector<int> contenders_;
  const OverlapLists pairs_;
  std::vector<Paired> paired_;
  std::vector<double> areas_;
  std::vector<char> hidden_, uncounted_, taken_;
  std::vector<CocoMatch> matches_;
};

}  // namespace

double linspace(double first, double last, int count, int i) {
  return i == count - 1 ? last : i * ((last - first) / (count - 1)) + first;
}

std::vector<CocoMatches> coco_matches(const Scene& scene, int index, Overlap kind, int most) {
  return Matching(scene, kind, most).by_category(index);
}

}  // namespace canopy
