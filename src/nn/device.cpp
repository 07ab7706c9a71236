// SPDX-License-Identifier: Apache-2.0
#include "nn/device.h"

#include <ATen/Context.h>
#include <torch/version.h>

namespace canopy {

std::string torch_version() { return TORCH_VERSION; }

int cuda_devices() {
  return at::globalContext().hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount())
                                       : 0;
}

}  // namespace canopy
