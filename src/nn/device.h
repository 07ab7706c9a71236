// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <c10/core/Device.h>

// Where a network computes. Convolutions, products, pooling and suppression run where its weights
// are; which anchor or region stands for which tree is decided on the host, by kernels that no
// matrix of overlaps ever leaves. No CUDA compiler is needed: on a GPU everything is ATen's
// operators (gathered_pooling.h, nms_by_matrix).

namespace canopy {

/// Of the LibTorch that runs, "2.11.0".
std::string torch_version();
/// CUDA devices that this build can compute on.
int cuda_devices();
/// "cpu", "cuda", "cuda:1", or "auto": the first GPU, where there is one. Throws User when there is
/// no such device.
c10::Device device_of(const std::string& name);

/// Whether our kernels are for tensors there: on the CPU they are.
bool has_kernels(c10::Device device);
/// In this scope they are nowhere, on this thread, so that what GPUs do is tested without one.
class WithoutKernels {
 public:
  WithoutKernels();
  ~WithoutKernels();
  WithoutKernels(const WithoutKernels&) = delete;
  WithoutKernels& operator=(const WithoutKernels&) = delete;
};

}  // namespace canopy
