// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "nn/device.h"
#include "nn/precision.h"

namespace canopy {

/// Where a finished model computes, and in which numbers.
struct ComputeOptions {
  std::string device = "auto", precision = "fp32";

  template <class F>
  void describe(F& field) {
    field("device",
          device,
          "Where the network computes: auto (a GPU, if there is one), cpu, cuda or cuda:1.");
    field("precision", precision, "Numbers that the network computes in: fp32, bf16 or fp16.");
  }
  /// Throws User, naming the value.
  void validate() const {
    (void)device_of(device);
    (void)precision_of(precision);
  }
};

}  // namespace canopy
