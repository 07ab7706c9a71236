// SPDX-License-Identifier: Apache-2.0
#include "eval/coco_eval.h"

#include <algorithm>
#include <limits>
#include <map>

#include "base/error.h"
#include "base/threads.h"
#include "eval/pairwise_mean.h"

namespace canopy {
namespace {

constexpr int kRecalls = 101;
using Times = std::span<const int>;

/// What one category, area range and threshold come to.
struct Curve {
  std::array<double, kRecalls> precision = {};  ///< at each recall
  std::array<double, 3> recall = {};            ///< the last one, per limit of `max_found`
};

/// Nothing where no truth counts. Precision rises only where a tree is right, so those places alone
/// make the monotone curve.
std::optional<Curve> curve_of(const CocoMatches& category,
                              int area,
                              int threshold,
                              const std::array<int, 3>& max_found,
                              Times times) {
  std::int64_t truths = 0, right = 0, wrong = 0;
  for (const CocoTruths& scene : category.truths)
    truths += std::int64_t{scene.counted[area]} * times[scene.scene];
  if (truths == 0) return {};
  const auto recall = [&](std::int64_t n) {
    return static_cast<double>(n) / static_cast<double>(truths);
  };
  std::vector<std::int64_t> rights;
  std::vector<double> precisions;
  std::array<std::int64_t, 3> right_of_best = {};
  for (const CocoMatch& tree : category.found) {
    if ((tree.uncounted[area] >> threshold & 1) != 0 || times[tree.scene] == 0) continue;
    if ((tree.matched[area] >> threshold & 1) == 0) {
      wrong += times[tree.scene];
      continue;
    }
    right += times[tree.scene];
    for (std::size_t m = 0; m < max_found.size(); ++m)
      if (tree.rank < max_found[m]) right_of_best[m] += times[tree.scene];
    rights.push_back(right);
    precisions.push_back(static_cast<double>(right) / (static_cast<double>(wrong + right) +
                                                       std::numeric_limits<double>::epsilon()));
  }
  for (std::size_t i = precisions.size(); i > 1; --i)
    precisions[i - 2] = std::max(precisions[i - 2], precisions[i - 1]);
  Curve curve;
  for (int r = 0; r < kRecalls; ++r) {
    const auto at = std::ranges::lower_bound(rights, linspace(0, 1, kRecalls, r), {}, recall);
    if (at == rights.end()) break;
    curve.precision[r] = precisions[static_cast<std::size_t>(at - rights.begin())];
  }
  std::ranges::transform(right_of_best, curve.recall.begin(), recall);
  return curve;
}

/// All curves of one area range, the categories of a threshold side by side. Means are taken in
/// this order and, in a threshold, recall by recall: rounding has it that the order counts.
class Curves {
 public:
  explicit Curves(std::size_t categories)
      : categories_(categories), curves_(categories * kCocoThresholds) {}

  std::optional<Curve>& at(std::size_t category, int threshold) {
    return curves_[threshold * categories_ + category];
  }

  /// Over the thresholds from `first` to before `end`; -1 when there is nothing.
  double average_precision(int first = 0, int end = kCocoThresholds) const {
    std::vector<double> values;
    for (int t = first; t < end; ++t)
      for (int r = 0; r < kRecalls; ++r)
        for (const auto& curve : std::span(curves_).subspan(t * categories_, categories_))
          if (curve) values.push_back(curve->precision[r]);
    return values.empty() ? -1 : pairwise_mean(values);
  }

  double average_recall(int limit = 2) const {
    std::vector<double> values;
    for (const auto& curve : curves_)
      if (curve) values.push_back(curve->recall[limit]);
    return values.empty() ? -1 : pairwise_mean(values);
  }

 private:
  std::size_t categories_;
  std::vector<std::optional<Curve>> curves_;
};

}  // namespace

void CocoOptions::validate() const {
  require(max_found[0] > 0 && max_found[0] <= max_found[1] && max_found[1] <= max_found[2],
          "the most trees counted in a picture must be three positive numbers, ascending");
}

CocoEvaluation::CocoEvaluation(std::span<const Scene> scenes, Overlap kind, CocoOptions options)
    : options_(options), scenes_(static_cast<std::int64_t>(scenes.size())) {
  options_.validate();
  std::vector<std::vector<CocoMatches>> parts(scenes.size());
  parallel_for(scenes_, options_.threads, [&](std::int64_t i) {
    parts[i] = coco_matches(scenes[i], static_cast<int>(i), kind, options_.max_found[2]);
  });
  std::map<int, CocoMatches> whole;
  for (const std::vector<CocoMatches>& scene : parts)
    for (const CocoMatches& part : scene) {
      CocoMatches& category = whole[part.category];
      category.category = part.category;
      category.found.insert(category.found.end(), part.found.begin(), part.found.end());
      category.truths.insert(category.truths.end(), part.truths.begin(), part.truths.end());
    }
  for (auto& [name, category] : whole) categories_.push_back(std::move(category));
  parallel_for(std::ssize(categories_), options_.threads, [&](std::int64_t c) {
    std::ranges::stable_sort(categories_[c].found, std::ranges::greater(), &CocoMatch::score);
  });
}

CocoFigures CocoEvaluation::figures_of(Times times, bool precision_only) const {
  const int areas = precision_only ? 1 : kCocoAreas;
  std::vector<Curves> of_area(areas, Curves(categories_.size()));
  const std::int64_t tasks = std::ssize(categories_) * areas * kCocoThresholds;
  parallel_for(tasks, precision_only ? 1 : options_.threads, [&](std::int64_t task) {
    const int threshold = static_cast<int>(task % kCocoThresholds);
    const int area = static_cast<int>(task / kCocoThresholds % areas);
    const auto category = static_cast<std::size_t>(task / kCocoThresholds / areas);
    of_area[area].at(category, threshold) =
        curve_of(categories_[category], area, threshold, options_.max_found, times);
  });
  CocoFigures figures;
  figures.ap = of_area[0].average_precision();
  figures.ap50 = of_area[0].average_precision(0, 1);
  if (precision_only) return figures;
  figures.ap75 = of_area[0].average_precision(5, 6);
  figures.ap_small = of_area[1].average_precision();
  figures.ap_medium = of_area[2].average_precision();
  figures.ap_large = of_area[3].average_precision();
  figures.ar_first = of_area[0].average_recall(0);
  figures.ar_second = of_area[0].average_recall(1);
  figures.ar = of_area[0].average_recall();
  figures.ar_small = of_area[1].average_recall();
  figures.ar_medium = of_area[2].average_recall();
  figures.ar_large = of_area[3].average_recall();
  return figures;
}

CocoFigures CocoEvaluation::figures() const {
  return figures_of(std::vector<int>(static_cast<std::size_t>(scenes_), 1), false);
}

CocoFigures CocoEvaluation::precision_of_sample(std::span<const int> times) const {
  check(std::ssize(times) == scenes_, "one number for each scene");
  return figures_of(times, true);
}

}  // namespace canopy
