// SPDX-License-Identifier: Apache-2.0
#include "nn/weights.h"

#include <cmath>
#include <iterator>
#include <set>

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/random.h"
#include "nn/product.h"

namespace canopy {
namespace {

std::uint64_t hash_of_name(const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (unsigned char c : name) hash = (hash ^ c) * 0x100000001b3;
  return hash;
}

std::string text_of_shape(at::IntArrayRef shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

at::Tensor start_weight(const WeightSpec& spec, std::uint64_t seed) {
  if (spec.start == WeightSpec::Start::Constant)
    return at::full(spec.shape, spec.value, at::kFloat);
  at::Tensor tensor = at::empty(spec.shape, at::kFloat);
  Random random(seed, hash_of_name(spec.name));
  float* values = tensor.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    values[i] = static_cast<float>(spec.start == WeightSpec::Start::Uniform
                                       ? random.uniform(-spec.value, spec.value)
                                       : random.normal(0, spec.value));
  return tensor;
}

}  // namespace

NamedTensors start_weights(const WeightSpecs& specs, std::uint64_t seed) {
  NamedTensors weights;
  for (const WeightSpec& spec : specs) weights[spec.name] = start_weight(spec, seed);
  return weights;
}

void check_weights(const WeightSpecs& specs, const NamedTensors& weights, const std::string& what) {
  std::set<std::string> known;
  for (const WeightSpec& spec : specs) {
    known.insert(spec.name);
    const auto found = weights.find(spec.name);
    require(found != weights.end(),
            [&] { return what + ": tensor '" + spec.name + "' is missing"; });
    require(found->second.scalar_type() == at::kFloat,
            [&] { return what + ": tensor '" + spec.name + "' is not float32"; });
    require(found->second.sizes() == at::IntArrayRef(spec.shape), [&] {
      return what + ": tensor '" + spec.name + "' has the shape " +
             text_of_shape(found->second.sizes()) + "; the architecture wants " +
             text_of_shape(spec.shape);
    });
  }
  for (const auto& [name, tensor] : weights)
    require(known.contains(name),
            [&] { return what + ": tensor '" + name + "' is unknown to the architecture"; });
}

const at::Tensor& weight(const NamedTensors& weights, const std::string& name) {
  const auto found = weights.find(name);
  if (found == weights.end()) throw Error(Fault::Bug, "no weight is called '" + name + "'");
  return found->second;
}

at::Tensor convolve(const NamedTensors& weights, const std::string& name, const at::Tensor& x) {
  const at::Tensor& w = weight(weights, name + ".weight");
  return at::conv2d(x, w, weight(weights, name + ".bias"), 1, w.size(2) / 2);
}

at::Tensor linear(const NamedTensors& weights, const std::string& name, const at::Tensor& x) {
  return product(x, weight(weights, name + ".weight"), weight(weights, name + ".bias"));
}

WeightSpecs convolution_specs(const std::string& name,
                              int inputs,
                              int outputs,
                              int kernel,
                              WeightSpec::Start start,
                              double value) {
  return {{name + ".weight", {outputs, inputs, kernel, kernel}, start, value},
          {name + ".bias", {outputs}}};
}

WeightSpecs linear_specs(const std::string& name, int inputs, int outputs) {
  const double bound = 1 / std::sqrt(inputs);
  return {{name + ".weight", {outputs, inputs}, WeightSpec::Start::Uniform, bound},
          {name + ".bias", {outputs}, WeightSpec::Start::Uniform, bound}};
}

void append(WeightSpecs& specs, WeightSpecs more) {
  specs.insert(
      specs.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace canopy
