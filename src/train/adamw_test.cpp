// SPDX-License-Identifier: Apache-2.0
#include "train/adamw.h"

#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

NamedTensors two_weights() {
  return {{"a.weight", at::full({2, 2}, 1.0).set_requires_grad(true)},
          {"a.bias", at::full({2}, 1.0).set_requires_grad(true)}};
}
const std::vector<std::string> kNames = {"a.weight", "a.bias"};

TEST(AdamW, follows_the_papers_formula_and_decays_matrices_only) {
  const NamedTensors weights = two_weights();
  AdamW optimiser(weights, kNames, {.weight_decay = 0.1});
  double w = 1, b = 1, m = 0, v = 0;
  for (int t = 1; t <= 5; ++t) {
    const double g = 0.3 * t - 0.7, lr = 0.01;
    for (const auto& [name, weight] : weights)
      weight.mutable_grad() = at::full_like(weight.detach(), g);
    optimiser.step(lr);
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    const double change =
        lr * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
    w = w * (1 - lr * 0.1) - change;
    b -= change;
    EXPECT_NEAR(weights.at("a.weight")[1][0].item<double>(), w, 1e-6);
    EXPECT_NEAR(weights.at("a.bias")[0].item<double>(), b, 1e-6);
  }
}

TEST(AdamW, long_gradients_are_shortened) {
  const NamedTensors weights = two_weights();
  AdamW optimiser(weights, kNames, {});
  weights.at("a.weight").mutable_grad() = at::full({2, 2}, 3.0);
  EXPECT_NEAR(optimiser.clip_gradients(100), 6, 1e-6);
  EXPECT_NEAR(optimiser.clip_gradients(2), 6, 1e-6);
  EXPECT_NEAR(weights.at("a.weight").grad().norm().item<double>(), 2, 1e-5);
  optimiser.drop_gradients();
  EXPECT_EQ(optimiser.clip_gradients(2), 0);
}

TEST(AdamW, goes_on_from_its_state_as_if_nothing_had_happened) {
  const NamedTensors a = two_weights(), b = two_weights();
  AdamW one(a, kNames, {}), two(b, kNames, {});
  const auto push = [](const NamedTensors& weights, AdamW& optimiser, double g) {
    for (const auto& [name, weight] : weights)
      weight.mutable_grad() = at::full_like(weight.detach(), g);
    optimiser.step(0.01);
  };
  push(a, one, 0.4);
  push(b, two, 0.4);
  AdamW resumed(b, kNames, {});
  resumed.restore(two.state(), two.steps());
  push(a, one, -0.2);
  push(b, resumed, -0.2);
  for (const std::string& name : kNames) EXPECT_TRUE(at::equal(a.at(name), b.at(name)));
}

TEST(AdamW, a_state_of_another_network_is_refused) {
  const NamedTensors weights = two_weights();
  AdamW optimiser(weights, kNames, {});
  EXPECT_THROW(optimiser.restore({}, 1), Error);
  NamedTensors state = optimiser.state();
  state["mean/a.bias"] = at::zeros({3});
  EXPECT_THROW(optimiser.restore(state, 1), Error);
}

}  // namespace
}  // namespace canopy
