// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "eval/scene.h"
#include "nn/instances.h"
#include "store/example.h"

namespace canopy {

/// What a tile's labels say, as `eval` compares it, in the tile's own pixels. Ignore regions and
/// invalid pixels are the scene's `ignore`. Throws User for a tile without labels.
Scene truth_of(const Example& example);

/// The tile as if it had been flown without these bands. Throws User for a name that is no band.
void leave_out_bands(const std::vector<std::string>& names, Example& example);

/// Adds what a model found in the tile resampled by `zoom`: masks (probability >= 0.5) and boxes,
/// back in the tile's pixels. An instance without a pixel is left out.
void add_found(const Instances& instances, double zoom, int height, int width, Scene& scene);

}  // namespace canopy
