// SPDX-License-Identifier: Apache-2.0
#include "train/adamw.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/error.h"

namespace canopy {

AdamW::AdamW(const NamedTensors& weights,
             const std::vector<std::string>& names,
             AdamWOptions options)
    : names_(names), options_(options) {
  groups_ = {{options.weight_decay, {}}, {0, {}}};
  for (const std::string& name : names_) {
    const auto found = weights.find(name);
    check(found != weights.end(), "a trainable tensor among the weights");
    groups_[found->second.dim() > 1 ? 0 : 1].members.push_back(weights_.size());
    weights_.push_back(found->second);
    means_.push_back(at::zeros_like(found->second.detach()));
    squares_.push_back(at::zeros_like(found->second.detach()));
  }
}

double AdamW::clip_gradients(double largest, double scale) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& weight : weights_)
    if (weight.grad().defined()) gradients.push_back(weight.grad());
  if (gradients.empty()) return 0;
  const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>() / scale;
  if (norm > largest)
    at::_foreach_mul_(gradients, largest / (norm + 1e-6) / scale);
  else if (scale != 1)
    at::_foreach_mul_(gradients, 1 / scale);
  return norm;
}

void AdamW::step(double learning_rate) {
  const at::NoGradGuard no_grad;
  ++steps_;
  for (const Group& group : groups_) {
    std::vector<at::Tensor> weights, gradients, means, squares;
    for (const std::size_t i : group.members) {
      if (!weights_[i].grad().defined()) continue;
      weights.push_back(weights_[i]);
      gradients.push_back(weights_[i].grad());
      means.push_back(means_[i]);
      squares.push_back(squares_[i]);
    }
    if (weights.empty()) continue;
    const std::vector<at::Tensor> steps(
        weights.size(),
        at::scalar_tensor(static_cast<double>(steps_), weights[0].options().dtype(at::kFloat)));
    at::_fused_adamw_(weights,
                      gradients,
                      means,
                      squares,
                      {},
                      steps,
                      learning_rate,
                      options_.beta1,
                      options_.beta2,
                      group.weight_decay,
                      options_.epsilon,
                      /*amsgrad=*/false,
                      /*maximize=*/false);
  }
}

void AdamW::drop_gradients() {
  for (at::Tensor& weight : weights_) weight.mutable_grad() = at::Tensor();
}

NamedTensors AdamW::state() const {
  NamedTensors state;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    state["mean/" + names_[i]] = means_[i];
    state["square/" + names_[i]] = squares_[i];
  }
  return state;
}

void AdamW::restore(const NamedTensors& state, std::int64_t steps) {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < names_.size(); ++i)
    for (const bool is_mean : {true, false}) {
      const std::string name = (is_mean ? "mean/" : "square/") + names_[i];
      at::Tensor& target = is_mean ? means_[i] : squares_[i];
      const auto found = state.find(name);
      require(found != state.end() && found->second.sizes() == target.sizes(), [&] {
        return "the optimiser's state lacks '" + name + "', or has it in another shape";
      });
      target.copy_(found->second);
    }
  steps_ = steps;
}

}  // namespace canopy
