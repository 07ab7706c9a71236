// SPDX-License-Identifier: Apache-2.0
#include "eval/clumps.h"

#include <map>
#include <numeric>

#include "eval/overlap.h"

namespace canopy {
namespace {

/// Union-find over truths, then findings.
class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) { parent_[root(a)] = root(b); }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace

std::vector<Scene> clumps_of(const Scene& scene, Overlap kind, double least_iou) {
  const std::vector<int> found = by_score(scene);
  const OverlapLists pairs =
      overlaps(scene, found, {.kind = kind, .any_category = true, .least_iou = least_iou});
  Groups groups(scene.truth.size() + found.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const OverlapPair& pair : pairs[i])
      groups.join(scene.truth.size() + i, static_cast<std::size_t>(pair.truth));
  std::map<std::size_t, Scene> clumps;
  const auto clump_of = [&](std::size_t i) -> Scene& {
    const auto [at, is_new] = clumps.try_emplace(groups.root(i));
    if (is_new) at->second.name = scene.name, at->second.ignore = scene.ignore;
    return at->second;
  };
  for (std::size_t t = 0; t < scene.truth.size(); ++t) clump_of(t).truth.push_back(scene.truth[t]);
  for (std::size_t i = 0; i < found.size(); ++i)
    clump_of(scene.truth.size() + i).found.push_back(scene.found[found[i]]);
  std::vector<Scene> parts;
  for (auto& [root, clump] : clumps) parts.push_back(std::move(clump));
  return parts;
}

}  // namespace canopy
