// SPDX-License-Identifier: Apache-2.0
#include "nn/probe.h"

#include <ATen/ATen.h>

#include "nn/one_tree_per_pixel.h"

namespace canopy {

void ProbeTally::add(const Instances& found, int height, int width, double valid_fraction) {
  AssignOptions assign;
  assign.score_threshold = score_threshold_;
  const TileLabels labels = one_tree_per_pixel(found, height, width, assign);
  const at::Tensor scores = found.scores.contiguous();
  area_px_ += valid_fraction * height * width;
  for (const TileTree& tree : labels.trees) {
    covered_px_ += static_cast<double>(tree.pixels);
    // A pasted mask may keep a pixel's distance from the edge that cuts its box.
    if (tree.x0 <= 1 || tree.y0 <= 1 || tree.x1 >= width - 1 || tree.y1 >= height - 1) continue;
    sum_.crown_px.push_back(static_cast<double>(tree.pixels));
    sum_.score_sum += scores.const_data_ptr<float>()[tree.instance];
  }
}

ProbeResult ProbeTally::result() const {
  ProbeResult result = sum_;
  result.covered = area_px_ > 0 ? covered_px_ / area_px_ : 0;
  return result;
}

}  // namespace canopy
