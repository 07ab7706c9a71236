// SPDX-License-Identifier: Apache-2.0
#include "eval/point_match.h"

#include <cmath>

#include "base/error.h"
#include "eval/overlap.h"
#include "eval/tree_centre.h"

namespace canopy {
namespace {

/// One-to-one, as many pairs as there can be.
class Pairing {
 public:
  Pairing(std::vector<std::vector<int>> near, std::size_t points)
      : near_(std::move(near)), found_of_(points, -1), is_paired_(near_.size()) {
    for (std::size_t f = 0; f < near_.size(); ++f) {
      was_asked_.assign(points, 0);
      is_paired_[f] = place(static_cast<int>(f));
    }
  }
  bool is_paired(std::size_t found) const { return is_paired_[found] != 0; }

 private:
  /// Finds a point for `found`, moving others to points that suit them, too.
  bool place(int found) {
    for (const int point : near_[static_cast<std::size_t>(found)]) {
      const auto p = static_cast<std::size_t>(point);
      if (was_asked_[p]) continue;
      was_asked_[p] = 1;
      if (found_of_[p] >= 0 && !place(found_of_[p])) continue;
      found_of_[p] = found;
      return true;
    }
    return false;
  }

  std::vector<std::vector<int>> near_;
  std::vector<int> found_of_;
  std::vector<char> is_paired_, was_asked_;
};

}  // namespace

Counts count_points(const Scene& scene, double distance_px, double score_threshold) {
  require(distance_px > 0, [&] {
    return "a matching distance of " + std::to_string(distance_px) + " px is not positive";
  });
  std::vector<const FoundTree*> found;
  std::vector<std::vector<int>> near;
  for (const int f : by_score(scene)) {
    const FoundTree& tree = scene.found[f];
    if (tree.score < score_threshold) break;
    const PixelPlace centre = centre_of(tree, Overlap::Mask);
    found.push_back(&tree);
    near.emplace_back();
    for (std::size_t t = 0; t < scene.truth.size(); ++t) {
      const TruthTree& point = scene.truth[t];
      if (!point.is_crowd &&
          std::hypot(point.box.x - centre.x, point.box.y - centre.y) <= distance_px)
        near.back().push_back(static_cast<int>(t));
    }
  }
  const Pairing pairing(std::move(near), scene.truth.size());
  Counts counts;
  for (std::size_t f = 0; f < found.size(); ++f) {
    const Overlap kind = found[f]->mask.counts.empty() ? Overlap::Box : Overlap::Mask;
    if (pairing.is_paired(f))
      ++counts.right;
    else if (!is_mostly_ignored(scene, *found[f], kind))
      ++counts.wrong;
  }
  counts.missed = counted_truths(scene) - counts.right;
  return counts;
}

}  // namespace canopy
