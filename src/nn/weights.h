// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

// Weights by name. A part of the network says which weights it needs and how they begin
// (`WeightSpec`), and its forward function finds them by the same names, which are torchvision's.
// There is no tree of module objects.

namespace canopy {

/// Tensors by name.
using NamedTensors = std::map<std::string, at::Tensor>;

/// One weight: its name, shape and first value.
struct WeightSpec {
  enum class Start { Constant, Uniform, Normal };
  std::string name;
  std::vector<std::int64_t> shape;
  Start start = Start::Constant;
  double value = 0;       ///< the constant, the bound of the uniform, the standard deviation of the
                          ///< normal distribution
  bool trainable = true;  ///< false: a buffer, such as the statistics of a frozen batch norm
};
using WeightSpecs = std::vector<WeightSpec>;

/// The weights of `specs`; each is a function of (seed, its name) alone.
NamedTensors start_weights(const WeightSpecs& specs, std::uint64_t seed);

/// Throws User, naming the tensor of `weights` that is missing, unknown, of another shape or not
/// float32; `what` says whose weights they are.
void check_weights(const WeightSpecs& specs, const NamedTensors& weights, const std::string& what);

/// The tensor of that name. Throws Bug when there is none.
const at::Tensor& weight(const NamedTensors& weights, const std::string& name);

/// conv2d with NAME.weight and NAME.bias; padding keeps the size at stride 1.
at::Tensor convolve(const NamedTensors& weights, const std::string& name, const at::Tensor& x);
/// x NAME.weight^T + NAME.bias for rows x [R, inputs].
at::Tensor linear(const NamedTensors& weights, const std::string& name, const at::Tensor& x);

/// The specs of NAME.weight [outputs, inputs, kernel, kernel] and NAME.bias (zero).
WeightSpecs convolution_specs(const std::string& name,
                              int inputs,
                              int outputs,
                              int kernel,
                              WeightSpec::Start start,
                              double value);
/// The specs of NAME.weight [outputs, inputs] and NAME.bias, both uniform in +-1/sqrt(inputs) as in
/// torch.nn.Linear.
WeightSpecs linear_specs(const std::string& name, int inputs, int outputs);

void append(WeightSpecs& specs, WeightSpecs more);

}  // namespace canopy
