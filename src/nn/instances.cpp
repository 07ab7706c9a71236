// SPDX-License-Identifier: Apache-2.0
#include "nn/instances.h"

#include <ATen/core/Tensor.h>

namespace canopy {

at::Tensor Losses::total() const {
  return objectness.add(rpn_box).add(classifier).add(box).add(mask);
}

}  // namespace canopy
