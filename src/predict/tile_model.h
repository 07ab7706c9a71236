// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include <ATen/core/Tensor.h>

#include "geo/window.h"
#include "nn/instances.h"

namespace canopy {

/// Finds the trees of one square picture of the mosaic. `window` says which pixels of the working
/// grid it is, so that a perfect model can look the truth up; `planes` is [1, C, S, S], normalised.
/// Boxes are in pixels of the picture.
using TileModel = std::function<Instances(const at::Tensor& planes, const Window& window)>;

}  // namespace canopy
