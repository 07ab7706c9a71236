// SPDX-License-Identifier: Apache-2.0
#include "eval/counts.h"

#include <algorithm>
#include <cmath>

#include "eval/overlap.h"

namespace canopy {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

Counts& Counts::operator+=(const Counts& other) {
  right += other.right;
  wrong += other.wrong;
  missed += other.missed;
  return *this;
}

double Counts::precision() const { return ratio(right, found()); }
double Counts::recall() const { return ratio(right, truth()); }
double Counts::f1() const { return ratio(2 * right, 2 * right + wrong + missed); }

double Counts::count_error() const {
  if (truth() == 0) return found() == 0 ? 0 : 1;
  return ratio(found() - truth(), truth());
}

Counts count(const Scene& scene, const MatchOptions& options, double score_threshold) {
  Counts counts;
  for (const Judgement& judgement : judge(scene, options)) {
    if (judgement.score < score_threshold) break;
    if (judgement.counts) ++(judgement.truth >= 0 ? counts.right : counts.wrong);
  }
  counts.missed = counted_truths(scene) - counts.right;
  return counts;
}

double AreaPair::relative_error() const { return std::abs(found_px - truth_px) / truth_px; }

std::vector<AreaPair> area_pairs(const Scene& scene,
                                 const MatchOptions& options,
                                 double score_threshold) {
  std::vector<AreaPair> pairs;
  for (const Judgement& judgement : judge(scene, options)) {
    if (judgement.score < score_threshold) break;
    if (judgement.truth < 0) continue;
    const TruthTree& truth = scene.truth[judgement.truth];
    const double true_area =
        options.overlap == Overlap::Box ? truth.box.width * truth.box.height : truth.area_px;
    if (true_area <= 0) continue;
    pairs.push_back({found_area_px(scene.found[judgement.found], options.overlap), true_area});
  }
  return pairs;
}

AreaError area_error(std::span<const Scene> scenes,
                     const MatchOptions& options,
                     double score_threshold) {
  std::vector<double> relative;
  double found_sum = 0, truth_sum = 0;
  for (const Scene& scene : scenes)
    for (const AreaPair& pair : area_pairs(scene, options, score_threshold)) {
      relative.push_back(pair.relative_error());
      found_sum += pair.found_px;
      truth_sum += pair.truth_px;
    }
  if (relative.empty()) return {};
  const auto middle = relative.begin() + std::ssize(relative) / 2;
  std::nth_element(relative.begin(), middle, relative.end());
  return {std::ssize(relative), *middle, (found_sum - truth_sum) / truth_sum};
}

ScoreChoice best_score_threshold(std::span<const Scene> scenes, const MatchOptions& options) {
  constexpr double kAsGood = 0.005;
  std::vector<Judgement> all;
  std::int64_t truths = 0;
  for (const Scene& scene : scenes) {
    const std::vector<Judgement> judged = judge(scene, options);
    all.insert(all.end(), judged.begin(), judged.end());
    truths += counted_truths(scene);
  }
  std::stable_sort(all.begin(), all.end(), [](const Judgement& a, const Judgement& b) {
    return a.score > b.score;
  });
  std::vector<ScoreChoice> cuts;  // one below each score that differs from the next
  double best = 0;
  Counts counts{0, 0, truths};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].truth >= 0)
      ++counts.right, --counts.missed;
    else if (all[i].counts)
      ++counts.wrong;
    const double lower = i + 1 < all.size() ? all[i + 1].score : 0;
    if (lower >= all[i].score) continue;
    cuts.push_back({(all[i].score + lower) / 2, counts.f1()});
    best = std::max(best, counts.f1());
  }
  if (best <= 0) return {};
  std::erase_if(cuts, [&](const ScoreChoice& cut) { return cut.f1 < best - kAsGood; });
  const double middle = (cuts.front().threshold + cuts.back().threshold) / 2;
  return *std::min_element(
      cuts.begin(), cuts.end(), [&](const ScoreChoice& a, const ScoreChoice& b) {
        return std::abs(a.threshold - middle) < std::abs(b.threshold - middle);
      });
}

}  // namespace canopy
