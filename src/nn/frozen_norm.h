// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "nn/weights.h"

// A convolution without bias and the batch norm behind it, whose statistics are frozen, as one
// convolution: conv(x, w s) + (b - mean s), s = gamma / sqrt(var + epsilon). Gamma and beta train
// on, through the fold, which costs nothing per pixel.

namespace canopy {

/// CONV.weight [outputs, inputs, kernel, kernel], normal with variance gain / fan-in, and NORM's
/// weight, bias, running_mean, running_var. `inputs` are those of one group.
WeightSpecs normalised_specs(const std::string& conv,
                             const std::string& norm,
                             int inputs,
                             int outputs,
                             int kernel,
                             double gain);

struct NormalisedConv {
  int stride = 1;
  bool depthwise = false;
  double epsilon = 1e-5;
};
/// Padding keeps the size at stride 1.
at::Tensor normalised(const NamedTensors& weights,
                      const std::string& conv,
                      const std::string& norm,
                      const at::Tensor& x,
                      const NormalisedConv& how);

}  // namespace canopy
