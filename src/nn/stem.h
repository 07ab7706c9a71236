// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

// The first convolution of a backbone that learned on red, green, blue, brought to the canonical
// bands (bands.h) and back.

namespace canopy {

/// [outputs, 3, k, k] red, green, blue -> [outputs, bands, k, k] blue, green, red, red edge, nir.
/// The new bands begin with a share of the mean of the three; where they are missing they are zero
/// after normalisation, so RGB imagery gives what it gave.
at::Tensor widen_stem(const at::Tensor& rgb, std::int64_t bands);

/// The way back: the first three bands as red, green, blue; what the others contribute is lost.
at::Tensor narrow_stem(const at::Tensor& bands);

}  // namespace canopy
