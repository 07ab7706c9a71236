// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "data/batch.h"
#include "nn/mask_rcnn.h"
#include "nn/precision.h"

namespace canopy {

/// Which precision trains this network fastest on this machine: losses and gradients of `batch` are
/// timed in each (the faster of two calls, after one that does not count). 16 bits must be worth
/// it: at least a tenth faster than fp32. The weights stay as they are.
Precision measure_precision(const MaskRcnn& network, const Batch& batch);

}  // namespace canopy
