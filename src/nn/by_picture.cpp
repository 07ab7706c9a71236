// SPDX-License-Identifier: Apache-2.0
#include "nn/by_picture.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace canopy {

at::Tensor mean_or_zero(const at::Tensor& values) {
  return values.numel() == 0 ? values.sum() : values.mean();
}

at::Tensor mean_by_picture(const at::Tensor& values,
                           const at::Tensor& picture,
                           std::int64_t pictures) {
  const at::NoGradGuard no_grad;
  const at::Tensor whose = picture.to(values.device());
  const at::Tensor none = at::zeros({pictures}, values.options());
  const at::Tensor counts = none.index_add(0, whose, at::ones_like(values));
  return none.index_add(0, whose, values).div(counts.clamp_min(1));
}

}  // namespace canopy
