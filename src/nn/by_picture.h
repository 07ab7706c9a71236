// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

// A loss is the mean over what the pictures of a batch have sampled, anchors or regions. The same
// values, taken picture by picture, say which of the pictures the network is at odds with: no
// further pass is needed.

namespace canopy {

/// The mean of `values` [K]; a zero with gradient where there are none.
at::Tensor mean_or_zero(const at::Tensor& values);

/// The mean of the `values` [K] of each picture, [pictures], without gradients; 0 for a picture
/// that has none. `picture`, int64 [K] beside them, says whose they are.
at::Tensor mean_by_picture(const at::Tensor& values,
                           const at::Tensor& picture,
                           std::int64_t pictures);

}  // namespace canopy
