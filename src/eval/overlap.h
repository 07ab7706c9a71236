// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "eval/scene.h"

namespace canopy {

/// One pair that shares something.
struct OverlapPair {
  int truth = 0;  ///< index into Scene::truth
  double iou = 0;
};

/// The pairs of several found trees, one list behind the other.
class OverlapLists {
 public:
  /// Of the i-th found tree, in the order of Scene::truth.
  std::span<const OverlapPair> operator[](std::size_t i) const {
    return std::span(pairs_).subspan(begins_[i], begins_[i + 1] - begins_[i]);
  }
  std::size_t size() const { return begins_.size() - 1; }

  /// To the list of the next found tree, in any order.
  void add(OverlapPair pair) { pairs_.push_back(pair); }
  void end_list();

 private:
  std::vector<OverlapPair> pairs_;
  std::vector<std::size_t> begins_ = {0};
};

struct OverlapOptions {
  Overlap kind = Overlap::Box;
  bool any_category = false;  ///< compares regardless of the category
  /// Pairs below it are left out: cheap, since areas and boxes tell most of them without a look at
  /// the masks.
  double least_iou = 0;
};

/// For each of `found` (indices into Scene::found, in the order that the caller wants) the truths
/// of the same category that it overlaps. IoU is computed as pycocotools does: intersection over
/// union, or over the found tree's own area where the truth is a crowd.
OverlapLists overlaps(const Scene& scene,
                      std::span<const int> found,
                      const OverlapOptions& options);

/// Indices of Scene::found, best score first; equal scores keep their order. Throws User for a
/// score that is no number.
std::vector<int> by_score(const Scene& scene);

/// Whether the centre of a found tree, or at least half of it, lies in the scene's ignore region.
bool is_mostly_ignored(const Scene& scene, const FoundTree& tree, Overlap kind);

/// Area of what was found: of the mask, or of the box.
double found_area_px(const FoundTree& tree, Overlap kind);

}  // namespace canopy
