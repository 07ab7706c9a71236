// SPDX-License-Identifier: Apache-2.0
#include "train/average.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/error.h"

namespace canopy {

WeightAverage::WeightAverage(const NamedTensors& weights,
                             const std::vector<std::string>& names,
                             double decay)
    : decay_(decay) {
  for (const std::string& name : names) {
    sources_.push_back(weights.at(name));
    targets_.push_back(weights.at(name).detach().clone());
    averages_[name] = targets_.back();
  }
}

void WeightAverage::update(std::int64_t step) {
  const at::NoGradGuard no_grad;
  const auto t = static_cast<double>(step);
  const double decay = std::min(decay_, (1 + t) / (10 + t));
  at::_foreach_lerp_(targets_, sources_, 1 - decay);
}

NamedTensors WeightAverage::averaged(const NamedTensors& weights) const {
  NamedTensors all;
  for (const auto& [name, weight] : weights) {
    const auto found = averages_.find(name);
    all[name] = (found != averages_.end() ? found->second : weight.detach()).clone();
  }
  return all;
}

void WeightAverage::restore(const NamedTensors& averages) {
  const at::NoGradGuard no_grad;
  for (auto& [name, target] : averages_) {
    const auto found = averages.find(name);
    require(found != averages.end() && found->second.sizes() == target.sizes(), [&] {
      return "the averaged weights lack '" + name + "', or have it in another shape";
    });
    target.copy_(found->second);
  }
}

}  // namespace canopy
