// SPDX-License-Identifier: Apache-2.0
#include "nn/frozen_norm.h"

#include <cmath>

#include <ATen/ATen.h>

#include "nn/layer_style.h"

namespace canopy {

WeightSpecs normalised_specs(const std::string& conv,
                             const std::string& norm,
                             int inputs,
                             int outputs,
                             int kernel,
                             double gain) {
  const double sd = std::sqrt(gain / (inputs * kernel * kernel));
  return {{conv + ".weight", {outputs, inputs, kernel, kernel}, WeightSpec::Start::Normal, sd},
          {norm + ".weight", {outputs}, WeightSpec::Start::Constant, 1},
          {norm + ".bias", {outputs}},
          {norm + ".running_mean", {outputs}, WeightSpec::Start::Constant, 0, false},
          {norm + ".running_var", {outputs}, WeightSpec::Start::Constant, 1, false}};
}

at::Tensor normalised(const NamedTensors& weights,
                      const std::string& conv,
                      const std::string& norm,
                      const at::Tensor& x,
                      const NormalisedConv& how) {
  const at::Tensor& w = weight(weights, conv + ".weight");
  const at::Tensor scale = weight(weights, norm + ".weight") *
                           at::rsqrt(weight(weights, norm + ".running_var") + how.epsilon);
  const at::Tensor bias =
      weight(weights, norm + ".bias") - weight(weights, norm + ".running_mean") * scale;
  const std::int64_t groups = how.depthwise ? w.size(0) : 1, padding = w.size(2) / 2;
  if (!layer_style().folded_norms)
    return at::conv2d(x, w, {}, how.stride, padding, 1, groups) * scale.view({1, -1, 1, 1}) +
           bias.view({1, -1, 1, 1});
  return at::conv2d(x, w * scale.view({-1, 1, 1, 1}), bias, how.stride, padding, 1, groups);
}

}  // namespace canopy
