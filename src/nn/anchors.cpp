// SPDX-License-Identifier: Apache-2.0
#include "nn/anchors.h"

#include <ATen/ATen.h>

namespace canopy {

at::Tensor cell_anchors(const std::vector<double>& sizes, const std::vector<double>& ratios) {
  const at::Tensor scale = at::tensor(sizes, at::kFloat);
  const at::Tensor h_ratio = at::tensor(ratios, at::kFloat).sqrt();
  const at::Tensor w_ratio = 1 / h_ratio;
  const at::Tensor w = (w_ratio.unsqueeze(1) * scale.unsqueeze(0)).view(-1);
  const at::Tensor h = (h_ratio.unsqueeze(1) * scale.unsqueeze(0)).view(-1);
  return (at::stack({-w, -h, w, h}, 1) / 2).round();
}

at::Tensor level_anchors(const at::Tensor& cells, Extent grid, Extent image) {
  const at::Tensor y = at::arange(grid[0], cells.options()) * (image[0] / grid[0]);
  const at::Tensor x = at::arange(grid[1], cells.options()) * (image[1] / grid[1]);
  const at::Tensor rows = y.unsqueeze(1).expand({grid[0], grid[1]});
  const at::Tensor columns = x.unsqueeze(0).expand({grid[0], grid[1]});
  const at::Tensor shifts = at::stack({columns, rows, columns, rows}, 2).view({-1, 1, 4});
  return (shifts + cells.unsqueeze(0)).view({-1, 4});
}

}  // namespace canopy
