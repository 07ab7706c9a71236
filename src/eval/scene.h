// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eval/rle.h"

namespace canopy {

/// What is compared: boxes, or the pixels of masks.
enum class Overlap { Box, Mask };

/// A tree as it was labelled.
struct TruthTree {
  CocoBox box;
  Rle mask;            ///< empty counts where only boxes are known
  double area_px = 0;  ///< COCO's `area`: of the mask where there is one, also in box figures
  int category = 1;    ///< 1 tree, 2 dead tree
  bool is_crowd =
      false;  ///< a region of uncounted trees: what lies in it is neither right nor wrong
  /// Number 0 of a COCO file. pycocotools takes a match with it for none, so its figures do, too.
  bool is_number_zero = false;
};

/// A tree as a model found it.
struct FoundTree {
  CocoBox box;
  Rle mask;
  double score = 0;
  int category = 1;
  /// What COCO's area ranges go by; where there is nothing, the area of what is compared.
  std::optional<double> area_px = {};
};

/// One picture with its truth and what was found in it.
struct Scene {
  std::string name;
  std::vector<TruthTree> truth;
  std::vector<FoundTree> found;
  /// Pixels of unknown truth: a found tree that matches nothing and lies in them, with its centre
  /// or at least half of its area, does not count. No counts: there are none.
  Rle ignore;
  /// The labels are points: boxes of the truth have a corner and no extent.
  bool has_points = false;
};

}  // namespace canopy
