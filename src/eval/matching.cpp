// SPDX-License-Identifier: Apache-2.0
#include "eval/matching.h"

#include <algorithm>

#include "base/error.h"
#include "eval/overlap.h"

namespace canopy {

std::vector<Judgement> judge(const Scene& scene, const MatchOptions& options) {
  require(options.iou > 0 && options.iou <= 1, [&] {
    return "an IoU threshold of " + std::to_string(options.iou) + " is not in (0, 1]";
  });
  const std::vector<int> order = by_score(scene);
  const OverlapLists pairs = overlaps(
      scene, order, {.kind = options.overlap, .any_category = true, .least_iou = options.iou});
  std::vector<char> taken(scene.truth.size());
  std::vector<Judgement> judgements;
  judgements.reserve(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    Judgement judgement{order[i], scene.found[order[i]].score, -1, 0, true};
    bool in_crowd = false;
    for (const OverlapPair& pair : pairs[i]) {
      if (scene.truth[pair.truth].is_crowd) {
        in_crowd = true;
      } else if (!taken[pair.truth] && pair.iou > judgement.iou) {
        judgement.truth = pair.truth;
        judgement.iou = pair.iou;
      }
    }
    if (judgement.truth >= 0)
      taken[judgement.truth] = 1;
    else
      judgement.counts =
          !in_crowd && !is_mostly_ignored(scene, scene.found[order[i]], options.overlap);
    judgements.push_back(judgement);
  }
  return judgements;
}

std::int64_t counted_truths(const Scene& scene) {
  return std::ranges::count_if(scene.truth, [](const TruthTree& tree) { return !tree.is_crowd; });
}

}  // namespace canopy
