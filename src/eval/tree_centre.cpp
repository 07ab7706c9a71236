// SPDX-License-Identifier: Apache-2.0
#include "eval/tree_centre.h"

#include <algorithm>
#include <cmath>

namespace canopy {

PixelPlace centre_of(const FoundTree& tree, Overlap kind) {
  const PixelPlace middle = {tree.box.x + tree.box.width / 2, tree.box.y + tree.box.height / 2};
  if (kind == Overlap::Box) return middle;
  double x = 0, y = 0, pixels = 0;
  std::int64_t at = 0;
  for (std::size_t i = 0; i < tree.mask.counts.size(); ++i) {
    const std::int64_t end = at + tree.mask.counts[i];
    if (i % 2 == 0) at = end;
    while (at < end) {  // a run may go on in the next columns
      const std::int64_t column = at / tree.mask.height, row = at % tree.mask.height;
      const std::int64_t count = std::min(end - at, tree.mask.height - row);
      const auto weight = static_cast<double>(count);
      x += weight * (static_cast<double>(column) + 0.5);
      y += weight * (static_cast<double>(row) + weight / 2);
      pixels += weight;
      at += count;
    }
  }
  return pixels > 0 ? PixelPlace{x / pixels, y / pixels} : middle;
}

bool holds(const Rle& mask, const PixelPlace& place) {
  if (!(place.x >= 0 && place.y >= 0 && place.x < mask.width && place.y < mask.height))
    return false;
  const std::int64_t wanted =
      static_cast<std::int64_t>(place.x) * mask.height + static_cast<std::int64_t>(place.y);
  std::int64_t end = 0;
  for (std::size_t i = 0; i < mask.counts.size(); ++i) {
    end += mask.counts[i];
    if (wanted < end) return i % 2 == 1;
  }
  return false;
}

}  // namespace canopy
