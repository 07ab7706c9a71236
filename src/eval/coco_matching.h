// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "eval/scene.h"

// The matching of one picture as COCO does it, at every IoU threshold and area range at once. Per
// category the found trees, best score first, each take the free truth that they overlap most; of
// equal overlaps the last. Truths that do not count (crowds, and those outside the area range) are
// taken only where no other is to be had, crowds any number of times. A found tree does not count
// when it takes such a truth, or when it takes none and is itself outside the range.

namespace canopy {

/// All, small (up to 32 x 32 px), medium (up to 96 x 96) and large; limits belong to both sides.
inline constexpr int kCocoAreas = 4;
/// IoU 0.50, 0.55, ..., 0.95.
inline constexpr int kCocoThresholds = 10;

/// The i-th of `count` values from first to last as numpy.linspace rounds them: comparisons with
/// them must fall the same way.
double linspace(double first, double last, int count, int i);

/// One found tree. Bit t of a mask is about threshold t.
struct CocoMatch {
  double score;
  std::int32_t scene, rank;  ///< rank: place in its scene and category, best first
  std::array<std::uint16_t, kCocoAreas> matched, uncounted;
};

/// How many truths of a scene count.
struct CocoTruths {
  std::int32_t scene;
  std::array<std::int32_t, kCocoAreas> counted;
};

/// What there is of one category.
struct CocoMatches {
  int category;
  std::vector<CocoMatch> found;
  std::vector<CocoTruths> truths;
};

/// One scene's categories, ascending; of each the `most` best found trees, best first. `index` is
/// noted as the scene. Throws User for a score that is no number.
std::vector<CocoMatches> coco_matches(const Scene& scene, int index, Overlap kind, int most);

}  // namespace canopy
