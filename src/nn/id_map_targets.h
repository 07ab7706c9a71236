// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace canopy {

/// Mask targets of regions, float32 [R, bins, bins] in 0..1: the share of object `ids[r]` in each
/// bin of box r. Equal to torchvision's project_masks_on_boxes (RoIAlign of the binary mask, scale
/// 1, adaptive sampling, not aligned), but sampled from the map of all objects, so that no mask per
/// object ever exists. `id_map` int32 [H, W], `boxes` float32 [R, 4].
at::Tensor id_map_targets(const at::Tensor& id_map,
                          const at::Tensor& boxes,
                          const std::vector<std::int64_t>& ids,
                          int bins = 28);

}  // namespace canopy
