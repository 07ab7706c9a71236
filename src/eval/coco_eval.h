// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "eval/scene.h"

// COCO's average precision and recall, figure for figure as pycocotools 2.0 gives them (Lin et al.,
// ECCV 2014):
//
//  1. in each picture and category the found trees, best score first and at most `max_found[2]`,
//  each take the free truth
//     that they overlap most, at ten IoU thresholds 0.50 to 0.95; truths outside the area range and
//     crowds come last, and what is matched to them, or matches nothing and is outside the range
//     itself, does not count;
//  2. over all pictures the found trees are sorted by score; precision, made monotone, is read off
//  at 101 recalls;
//  3. the mean over recalls, thresholds and categories is AP; the mean over thresholds of the last
//  recall is AR.
//
// Step 1 is done once; step 2 for any sample of pictures, so that bootstrap intervals cost little.

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
  static constexpr int kAreas = 4, kThresholds = 10;
  struct Found {
    double score;
    std::int32_t scene, rank;  ///< rank: place in its scene and category, best first
    /// Bit t: matched, or not counted, at threshold t, per area range.
    std::array<std::uint16_t, kAreas> matched, ignored;
  };
  struct Category {
    std::vector<Found> found;                               ///< best score first
    std::vector<std::array<std::int64_t, kAreas>> counted;  ///< truths that count, per scene
  };
  struct Curve {
    double precision_mean = -1, recall = -1;
  };

  void match(const Scene& scene, int index, int category, Overlap kind, Category& into) const;
  Curve curve(const Category& category,
              int area,
              int threshold,
              int max_found,
              std::span<const int> times) const;
  CocoFigures figures_of(std::span<const int> times, bool precision_only) const;

  CocoOptions options_;
  std::int64_t scenes_ = 0;
  std::vector<Category> categories_;
};

}  // namespace canopy
