// SPDX-License-Identifier: Apache-2.0
#include "nn/id_map_targets.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "base/error.h"
#include "nn/pooling_bins.h"

namespace canopy {
namespace {

/// One region: along x first, each row of the map once, then along y.
void target_of(const std::int32_t* map,
               std::int64_t width,
               std::int32_t id,
               const PoolingBins<float>& y,
               const PoolingBins<float>& x,
               int bins,
               std::vector<float>& lines,
               float* out) {
  lines.assign(static_cast<std::size_t>(y.high - y.low) * bins, 0.f);
  for (int row = y.low; row < y.high; ++row)
    for (int column = 0; column < bins; ++column) {
      const std::int32_t* pixel = map + row * width + x.first[column];
      float sum = 0;
      for (int i = x.begin[column]; i < x.begin[column + 1]; ++i, ++pixel)
        sum += *pixel == id ? x.weights[i] : 0.f;
      lines[(row - y.low) * bins + column] = sum;
    }
  for (int row = 0; row < bins; ++row)
    for (int i = y.begin[row]; i < y.begin[row + 1]; ++i) {
      const float* line =
          &lines[static_cast<std::size_t>(y.first[row] + i - y.begin[row] - y.low) * bins];
      for (int column = 0; column < bins; ++column)
        out[row * bins + column] += y.weights[i] * line[column];
    }
}

}  // namespace

at::Tensor id_map_targets(const at::Tensor& id_map,
                          const at::Tensor& boxes,
                          const std::vector<std::int64_t>& ids,
                          int bins) {
  check(id_map.scalar_type() == at::kInt && id_map.dim() == 2, "an id map is int32 [H, W]");
  const at::Tensor map = id_map.contiguous(), regions = boxes.contiguous();
  at::Tensor targets = at::zeros({boxes.size(0), bins, bins}, at::kFloat);
  at::parallel_for(0, boxes.size(0), 4, [&](std::int64_t begin, std::int64_t end) {
    PoolingBins<float> x, y;
    std::vector<float> lines;
    for (std::int64_t r = begin; r < end; ++r) {
      const float* box = regions.const_data_ptr<float>() + 4 * r;
      x.set(box[0], std::max(box[2] - box[0], 1.f), bins, 0, static_cast<int>(map.size(1)));
      y.set(box[1], std::max(box[3] - box[1], 1.f), bins, 0, static_cast<int>(map.size(0)));
      target_of(map.const_data_ptr<std::int32_t>(),
                map.size(1),
                static_cast<std::int32_t>(ids[r]),
                y,
                x,
                bins,
                lines,
                targets.mutable_data_ptr<float>() + r * bins * bins);
    }
  });
  return targets;
}

}  // namespace canopy
