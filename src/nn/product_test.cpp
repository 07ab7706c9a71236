// SPDX-License-Identifier: Apache-2.0
#include "nn/product.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace canopy {
namespace {

/// Largest difference as a share of the largest entry.
double difference(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

TEST(Product, and_its_gradients_are_those_of_linear) {
  // Few rows and many take different ways back.
  for (const std::int64_t rows : {1, 37, 5000}) {
    at::manual_seed(rows);
    const at::Tensor x = at::randn({rows, 48}).requires_grad_(true),
                     w = at::randn({20, 48}).requires_grad_(true),
                     b = at::randn({20}).requires_grad_(true), upstream = at::randn({rows, 20});
    const at::Tensor y = product(x, w, b);
    y.backward(upstream);
    const at::Tensor x2 = x.detach().clone().requires_grad_(true),
                     w2 = w.detach().clone().requires_grad_(true),
                     b2 = b.detach().clone().requires_grad_(true);
    const at::Tensor y2 = at::linear(x2, w2, b2);
    y2.backward(upstream);
    EXPECT_LT(difference(y, y2), 1e-5) << rows;
    EXPECT_LT(difference(x.grad(), x2.grad()), 1e-5) << rows;
    EXPECT_LT(difference(w.grad(), w2.grad()), 1e-5) << rows;
    EXPECT_LT(difference(b.grad(), b2.grad()), 1e-5) << rows;
  }
}

TEST(Product, of_views_and_of_nothing) {
  const at::Tensor x = at::randn({48, 9}).t(), w = at::randn({48, 20}).t(), b = at::randn({20});
  EXPECT_LT(difference(product(x, w, b), at::linear(x, w, b)), 1e-5);
  EXPECT_EQ(product(at::zeros({0, 48}), w, b).sizes(), (std::vector<std::int64_t>{0, 20}));
}

TEST(Product, in_double_precision_is_exact_to_its_digits) {
  const at::Tensor x = at::randn({9, 48}, at::kDouble), w = at::randn({20, 48}, at::kDouble),
                   b = at::randn({20}, at::kDouble);
  EXPECT_LT(difference(product(x, w, b), at::linear(x, w, b)), 1e-14);
}

}  // namespace
}  // namespace canopy
