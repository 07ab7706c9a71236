// SPDX-License-Identifier: Apache-2.0
#include "nn/device.h"

#include <charconv>

#include <ATen/Context.h>
#include <torch/version.h>

#include "base/error.h"

namespace canopy {

namespace {
thread_local bool without_kernels = false;
}

std::string torch_version() { return TORCH_VERSION; }

int cuda_devices() {
  return at::globalContext().hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount())
                                       : 0;
}

bool has_kernels(c10::Device device) { return device.is_cpu() && !without_kernels; }

WithoutKernels::WithoutKernels() { without_kernels = true; }
WithoutKernels::~WithoutKernels() { without_kernels = false; }

c10::Device device_of(const std::string& name) {
  const int gpus = cuda_devices();
  if (name == "cpu" || (name == "auto" && gpus == 0)) return at::kCPU;
  int index = 0;
  if (name.starts_with("cuda:")) {
    const auto [end, error] = std::from_chars(name.data() + 5, name.data() + name.size(), index);
    require(error == std::errc() && end == name.data() + name.size() && index >= 0,
            "device '" + name + "': the number of a GPU is missing; use cuda:0");
  } else {
    require(name == "auto" || name == "cuda",
            "device '" + name + "' is not known; use auto, cpu, cuda or cuda:0");
  }
  require(index < gpus, [&] {
    return "device '" + name + "': " +
           (gpus == 0 ? "this machine or this build has no GPU; use cpu"
                      : "there are GPUs 0 to " + std::to_string(gpus - 1));
  });
  return {at::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

}  // namespace canopy
