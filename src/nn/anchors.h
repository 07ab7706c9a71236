// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

// The boxes from which the region proposal network starts: at every cell of every pyramid level the
// same few shapes.

namespace canopy {

/// Rows and columns.
using Extent = std::array<std::int64_t, 2>;

/// Shapes around the origin, float32 [sizes * ratios, 4], ratio-major, rounded half to even as in
/// torchvision. A ratio is height over width.
at::Tensor cell_anchors(const std::vector<double>& sizes, const std::vector<double>& ratios);

/// All anchors of one level, float32 [rows * columns * cells, 4] in the order row, column, cell.
/// The stride is the image's extent divided by the grid's, rounded down.
at::Tensor level_anchors(const at::Tensor& cells, Extent grid, Extent image);

}  // namespace canopy
