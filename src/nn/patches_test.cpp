// SPDX-License-Identifier: Apache-2.0
#include "nn/patches.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace canopy {
namespace {

using Way = at::Tensor (*)(const std::vector<at::Tensor>&, const std::vector<Cell>&);
class Patches : public testing::TestWithParam<Way> {};
INSTANTIATE_TEST_SUITE_P(Ways, Patches, testing::Values(gather_patches, patches_by_index));

TEST_P(Patches, equal_the_convolution_and_its_gradients_at_the_corners_and_inside) {
  at::Tensor map =
      at::arange(2 * 3 * 4 * 5, at::kFloat).view({2, 3, 4, 5}).sin().requires_grad_(true);
  at::Tensor kernel =
      at::arange(6 * 3 * 9, at::kFloat).view({6, 3, 3, 3}).cos().requires_grad_(true);
  const std::vector<Cell> cells = {
      {0, 0, 0, 0}, {0, 0, 3, 4}, {0, 1, 2, 2}, {0, 1, 0, 4}, {0, 1, 2, 3}};
  const at::Tensor by_patch = kernel.permute({0, 2, 3, 1}).reshape({6, -1});
  const at::Tensor rows = at::linear(GetParam()({map}, cells), by_patch);
  rows.square().sum().backward();
  const at::Tensor map_grad = map.grad().clone(), kernel_grad = kernel.grad().clone();
  map.mutable_grad().reset();
  kernel.mutable_grad().reset();

  const at::Tensor dense = at::conv2d(map, kernel, {}, 1, 1);
  std::vector<at::Tensor> wanted;
  for (const Cell& c : cells)
    wanted.push_back(dense[c.picture].select(2, c.column).select(1, c.row));
  EXPECT_TRUE(at::allclose(rows, at::stack(wanted), 1e-5, 1e-5));
  at::stack(wanted).square().sum().backward();
  EXPECT_TRUE(at::allclose(map_grad, map.grad(), 1e-4, 1e-4));
  EXPECT_TRUE(at::allclose(kernel_grad, kernel.grad(), 1e-4, 1e-4));
}

}  // namespace
}  // namespace canopy
