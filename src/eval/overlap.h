// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "eval/scene.h"

namespace canopy {

/// One pair that shares something.
struct OverlapPair {
  int truth = 0;  ///< index into Scene::truth
  double iou = 0;
};

/// For each of `found` (indices into Scene::found, in the order that the caller wants) the truths
/// of the same category that it overlaps, in the order of Scene::truth. IoU is computed as
/// pycocotools does: intersection over union, or over the found tree's own area where the truth is
/// a crowd. `any_category` compares regardless of the category.
std::vector<std::vector<OverlapPair>> overlaps(const Scene& scene,
                                               const std::vector<int>& found,
                                               Overlap kind,
                                               bool any_category);

/// Indices of Scene::found, best score first; equal scores keep their order. Throws User for a
/// score that is no number.
std::vector<int> by_score(const Scene& scene);

/// Whether the centre of a found tree, or at least half of it, lies in the scene's ignore region.
bool is_mostly_ignored(const Scene& scene, const FoundTree& tree, Overlap kind);

/// Area of what was found: of the mask, or of the box.
double found_area_px(const FoundTree& tree, Overlap kind);

}  // namespace canopy
