// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "geo/window.h"
#include "nn/instances.h"

// See predict.h: the pieces that a perfect model can stand in for.

namespace canopy {

/// Finds the trees of one square picture of the mosaic at the working resolution. `window` says which pixels of the
/// working grid it is, so that a perfect model can look the truth up; `planes` is [1, C, S, S] normalised input.
using TileModel = std::function<Instances(const at::Tensor& planes, const Window& window)>;

}  // namespace canopy
