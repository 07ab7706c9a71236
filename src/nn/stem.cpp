// SPDX-License-Identifier: Apache-2.0
#include "nn/stem.h"

#include <ATen/ATen.h>

namespace canopy {

at::Tensor widen_stem(const at::Tensor& rgb, std::int64_t bands) {
  at::Tensor wide = at::zeros({rgb.size(0), bands, rgb.size(2), rgb.size(3)}, at::kFloat);
  wide.slice(1, 0, 3).copy_(rgb.flip(1));
  const at::Tensor mean = rgb.mean(1);
  if (bands > 3) wide.select(1, 3).copy_(0.3 * mean);
  if (bands > 4) wide.select(1, 4).copy_(0.5 * mean);
  return wide;
}

at::Tensor narrow_stem(const at::Tensor& bands) {
  return bands.slice(1, 0, 3).flip(1).contiguous();
}

}  // namespace canopy
