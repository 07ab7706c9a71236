// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

namespace canopy {

/// x w^T + b for rows x [R, inputs], w [outputs, inputs], b [outputs]; differentiable in all three.
///
/// On CPUs it goes through oneDNN, forward and backward, as the convolutions do. LibTorch's own
/// `linear` goes through MKL, which on AMD processors keeps to half the width of their vectors:
/// there this is twice as fast, and on Intel's no slower. Other devices and types, and
/// the 16-bit precisions, take `linear`.
at::Tensor product(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b);

}  // namespace canopy
