// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "eval/coco_matching.h"
#include "eval/scene.h"

// COCO's average precision and recall, to the last bit as pycocotools 2.0 gives them (Lin et al.,
// ECCV 2014):
//
//  1. each picture is matched on its own (eval/coco_matching.h);
//  2. of each category the found trees of all pictures are sorted by score, equal scores in the
//     order of scenes; precision, made monotone, is read off at 101 recalls;
//  3. the mean over recalls, thresholds and categories is AP; the mean over thresholds and
//     categories of the last recall is AR. Categories without a truth that counts are left out.
//
// Step 1 is done once; step 2 for any sample of pictures, so that bootstrap intervals cost little.
// Scenes must stand in the order of COCO's image ids where scores are equal across pictures.

namespace canopy {

struct CocoOptions {
  /// COCO's maxDets, ascending. Dense orchards want more than 100 trees a picture.
  std::array<int, 3> max_found = {1, 10, 100};
  int threads = 1;
  void validate() const;
};

/// -1 where there is nothing to measure, as in COCO.
struct CocoFigures {
  double ap = -1, ap50 = -1, ap75 = -1, ap_small = -1, ap_medium = -1, ap_large = -1;
  double ar_first = -1, ar_second = -1, ar = -1, ar_small = -1, ar_medium = -1, ar_large = -1;

  /// In COCO's order.
  std::array<double, 12> all() const {
    return {ap,
            ap50,
            ap75,
            ap_small,
            ap_medium,
            ap_large,
            ar_first,
            ar_second,
            ar,
            ar_small,
            ar_medium,
            ar_large};
  }
};

class CocoEvaluation {
 public:
  /// Matches every scene. Throws User for a score that is no number.
  CocoEvaluation(std::span<const Scene> scenes, Overlap kind, CocoOptions options = {});

  CocoFigures figures() const;
  /// AP and AP50 where scene i counts `times[i]` times.
  CocoFigures precision_of_sample(std::span<const int> times) const;

  std::int64_t scenes() const { return scenes_; }

 private:
  CocoFigures figures_of(std::span<const int> times, bool precision_only) const;

  CocoOptions options_;
  std::int64_t scenes_ = 0;
  std::vector<CocoMatches> categories_;  ///< ascending; found trees by score
};

}  // namespace canopy
