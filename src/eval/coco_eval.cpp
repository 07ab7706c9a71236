// SPDX-License-Identifier: Apache-2.0
#include "eval/coco_eval.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/threads.h"
#include "eval/overlap.h"

namespace canopy {
namespace {

struct AreaRange {
  double low, high;
  bool excludes(double area) const { return area < low || area > high; }
};
constexpr std::array<AreaRange, 4> kAreaRanges = {
    {{0, 1e10}, {0, 1024}, {1024, 9216}, {9216, 1e10}}};

/// numpy.linspace: the same roundings, for comparisons that must fall the same way.
double linspace(double first, double last, int count, int i) {
  return i == count - 1 ? last : i * ((last - first) / (count - 1)) + first;
}

/// The mean of those above -1, or -1.
class Mean {
 public:
  void add(double value) {
    if (value <= -1) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ > 0 ? sum_ / static_cast<double>(count_) : -1; }

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
};

/// The free truth with the largest overlap of at least `threshold`, or -1. The last of equal
/// overlaps wins, and counted truths go before ignored ones: as pycocotools' loop has it.
int best_match(const Scene& scene,
               const std::vector<OverlapPair>& pairs,
               const std::vector<char>& ignored,
               const std::vector<char>& taken,
               double threshold) {
  int best = -1;
  for (const bool among_ignored : {false, true}) {
    double best_iou = threshold;
    for (const OverlapPair& pair : pairs) {
      if ((ignored[pair.truth] != 0) != among_ignored || pair.iou < best_iou) continue;
      if (taken[pair.truth] && !scene.truth[pair.truth].is_crowd) continue;
      best_iou = pair.iou;
      best = pair.truth;
    }
    if (best >= 0) break;
  }
  return best;
}

}  // namespace

void CocoOptions::validate() const {
  require(max_found[0] > 0 && max_found[0] <= max_found[1] && max_found[1] <= max_found[2],
          "the most trees counted in a picture must be three positive numbers, ascending");
}

CocoEvaluation::CocoEvaluation(std::span<const Scene> scenes, Overlap kind, CocoOptions options)
    : options_(options), scenes_(static_cast<std::int64_t>(scenes.size())) {
  options_.validate();
  std::set<int> names;
  for (const Scene& scene : scenes) {
    for (const TruthTree& tree : scene.truth) names.insert(tree.category);
    for (const FoundTree& tree : scene.found) names.insert(tree.category);
  }
  for (const int name : names) {
    std::vector<Category> parts(scenes.size());
    parallel_for(scenes_, options_.threads, [&](std::int64_t i) {
      match(scenes[i], static_cast<int>(i), name, kind, parts[i]);
    });
    Category whole;
    for (Category& part : parts) {
      whole.found.insert(whole.found.end(), part.found.begin(), part.found.end());
      whole.counted.push_back(part.counted.front());
    }
    std::stable_sort(whole.found.begin(), whole.found.end(), [](const Found& a, const Found& b) {
      return a.score > b.score;
    });
    categories_.push_back(std::move(whole));
  }
}

void CocoEvaluation::match(
    const Scene& scene, int index, int category, Overlap kind, Category& into) const {
  std::vector<int> found;
  for (const int i : by_score(scene))
    if (scene.found[i].category == category && std::ssize(found) < options_.max_found[2])
      found.push_back(i);
  const auto pairs = overlaps(scene, found, kind, false);
  std::vector<double> areas;
  std::vector<bool> hidden;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const FoundTree& tree = scene.found[found[i]];
    areas.push_back(found_area_px(tree, kind));
    hidden.push_back(is_mostly_ignored(scene, tree, kind));
    into.found.push_back({tree.score, index, static_cast<std::int32_t>(i), {}, {}});
  }
  into.counted.emplace_back();
  std::vector<char> ignored(scene.truth.size()), taken(scene.truth.size());
  for (int a = 0; a < kAreas; ++a) {
    for (std::size_t t = 0; t < scene.truth.size(); ++t) {
      const TruthTree& tree = scene.truth[t];
      ignored[t] = tree.is_crowd || kAreaRanges[a].excludes(tree.area_px);
      if (tree.category == category && !ignored[t]) ++into.counted.front()[a];
    }
    for (int t = 0; t < kThresholds; ++t) {
      const double threshold = std::min(linspace(0.5, 0.95, kThresholds, t), 1 - 1e-10);
      std::fill(taken.begin(), taken.end(), 0);
      for (std::size_t i = 0; i < found.size(); ++i) {
        const int best = best_match(scene, pairs[i], ignored, taken, threshold);
        const auto bit = static_cast<std::uint16_t>(1 << t);
        if (best >= 0) {
          taken[best] = 1;
          into.found[i].matched[a] |= bit;
          if (ignored[best]) into.found[i].ignored[a] |= bit;
        } else if (hidden[i] || kAreaRanges[a].excludes(areas[i])) {
          into.found[i].ignored[a] |= bit;
        }
      }
    }
  }
}

CocoEvaluation::Curve CocoEvaluation::curve(const Category& category,
                                            int area,
                                            int threshold,
                                            int max_found,
                                            std::span<const int> times) const {
  std::int64_t truths = 0;
  for (std::size_t s = 0; s < category.counted.size(); ++s)
    truths += category.counted[s][area] * times[s];
  if (truths == 0) return {};
  std::vector<double> recall, precision;
  std::int64_t right = 0, wrong = 0;
  const auto bit = static_cast<std::uint16_t>(1 << threshold);
  for (const Found& tree : category.found) {
    if (tree.rank >= max_found || (tree.ignored[area] & bit) != 0 || times[tree.scene] == 0)
      continue;
    ((tree.matched[area] & bit) != 0 ? right : wrong) += times[tree.scene];
    recall.push_back(static_cast<double>(right) / static_cast<double>(truths));
    precision.push_back(static_cast<double>(right) / (static_cast<double>(wrong + right) +
                                                      std::numeric_limits<double>::epsilon()));
  }
  for (std::size_t i = precision.size(); i > 1; --i)
    precision[i - 2] = std::max(precision[i - 2], precision[i - 1]);
  double sum = 0;
  std::size_t at = 0;
  for (int r = 0; r < 101; ++r) {
    while (at < recall.size() && recall[at] < linspace(0, 1, 101, r)) ++at;
    if (at < recall.size()) sum += precision[at];
  }
  return {sum / 101, recall.empty() ? 0 : recall.back()};
}

CocoFigures CocoEvaluation::figures_of(std::span<const int> times, bool precision_only) const {
  std::array<Mean, kAreas> ap, ar;
  Mean ap50, ap75, ar_first, ar_second;
  for (const Category& category : categories_)
    for (int t = 0; t < kThresholds; ++t) {
      for (int a = 0; a < (precision_only ? 1 : kAreas); ++a) {
        const Curve found = curve(category, a, t, options_.max_found[2], times);
        ap[a].add(found.precision_mean);
        ar[a].add(found.recall);
        if (a == 0 && t == 0) ap50.add(found.precision_mean);
        if (a == 0 && t == 5) ap75.add(found.precision_mean);
      }
      if (precision_only) continue;
      ar_first.add(curve(category, 0, t, options_.max_found[0], times).recall);
      ar_second.add(curve(category, 0, t, options_.max_found[1], times).recall);
    }
  return {ap[0].value(),
          ap50.value(),
          ap75.value(),
          ap[1].value(),
          ap[2].value(),
          ap[3].value(),
          ar_first.value(),
          ar_second.value(),
          ar[0].value(),
          ar[1].value(),
          ar[2].value(),
          ar[3].value()};
}

CocoFigures CocoEvaluation::figures() const {
  return figures_of(std::vector<int>(static_cast<std::size_t>(scenes_), 1), false);
}

CocoFigures CocoEvaluation::precision_of_sample(std::span<const int> times) const {
  check(std::ssize(times) == scenes_, "one number for each scene");
  return figures_of(times, true);
}

}  // namespace canopy
