// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

// A convolution at a few places only. The losses of the region proposal network look at 256 anchors
// of a picture, so its head needs gradients at those places and not at the other 98 %: the 3 x 3
// patches there are gathered into rows and the convolution becomes a small matrix product of the
// same value.

namespace canopy {

/// A cell of the pyramid.
struct Cell {
  std::int64_t level, picture, row, column;
  auto operator<=>(const Cell&) const = default;
};

/// The 3 x 3 neighbourhoods (0 outside) of `cells` as rows [S, 9 * C], in the order row, column,
/// channel; differentiable in the features. float32, also from 16-bit features.
at::Tensor gather_patches(const std::vector<at::Tensor>& features, const std::vector<Cell>& cells);

/// The same, by our own kernel on the CPU and by this on other devices: ATen's operators on float32
/// features, one table of all pixels with a row of zeros for what lies outside.
at::Tensor patches_by_index(const std::vector<at::Tensor>& features,
                            const std::vector<Cell>& cells);

}  // namespace canopy
