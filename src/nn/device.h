// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace canopy {

/// Of the LibTorch that runs, "2.11.0".
std::string torch_version();
/// CUDA devices that this build can compute on.
int cuda_devices();

}  // namespace canopy
