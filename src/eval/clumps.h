// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "eval/scene.h"

namespace canopy {

/// A scene taken apart into clumps: found and labelled trees that overlap by at least `least_iou`,
/// directly or over others, stay together; most clumps are one tree and its finding, or one of
/// either alone. Matching from that IoU on gives the same pairs in the parts as in the whole. What
/// a bootstrap draws where there is one picture only: trees instead of pictures.
std::vector<Scene> clumps_of(const Scene& scene, Overlap kind, double least_iou);

}  // namespace canopy
