// SPDX-License-Identifier: Apache-2.0
#include "nn/roi_align.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace canopy {
namespace {

at::Tensor random_tensor(at::IntArrayRef shape, at::ScalarType type, std::uint64_t seed) {
  at::Tensor tensor = at::empty(shape, at::kDouble);
  Random random(seed);
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    tensor.mutable_data_ptr<double>()[i] = random.normal();
  return tensor.to(type);
}

TEST(RoiAlign, gradient_agrees_with_finite_differences) {
  const at::Tensor rois =
      at::tensor(
          {0.f, 1.f, 2.f, 30.f, 41.f, 1.f, -8.f, 3.f, 12.f, 70.f, 1.f, 20.f, 20.f, 20.5f, 20.1f})
          .view({3, 5});
  for (const RoiAlignSettings settings :
       {RoiAlignSettings{3, 2, false}, {2, 0, false}, {3, 2, true}}) {
    const at::Tensor features = random_tensor({2, 3, 7, 9}, at::kDouble, 1).requires_grad_(true);
    const at::Tensor weights = random_tensor({3, 3, settings.bins, settings.bins}, at::kDouble, 2);
    const auto value = [&](const at::Tensor& f) {
      return (roi_align(f, rois, 0.25, settings) * weights).sum();
    };
    value(features).backward();
    const double step = 1e-5;
    for (std::int64_t i = 0; i < features.numel(); i += 5) {
      at::Tensor up = features.detach().clone(), down = up.clone();
      up.mutable_data_ptr<double>()[i] += step;
      down.mutable_data_ptr<double>()[i] -= step;
      EXPECT_NEAR(features.grad().contiguous().const_data_ptr<double>()[i],
                  (value(up) - value(down)).item<double>() / (2 * step),
                  1e-8);
    }
  }
}

TEST(RoiAlign, bits_do_not_depend_on_the_number_of_threads) {
  std::vector<at::Tensor> maps;
  for (int k = 0; k < 4; ++k)
    maps.push_back(random_tensor({2, 96, 32 >> k, 32 >> k}, at::kFloat, 3 + k));
  at::Tensor rois = at::empty({40, 5});
  Random random(9);
  for (std::int64_t r = 0; r < 40; ++r) {
    const double x = random.uniform(0, 90), y = random.uniform(0, 90);
    rois[r].copy_(at::tensor({static_cast<double>(r % 2),
                              x,
                              y,
                              x + random.uniform(4, 128),
                              y + random.uniform(4, 128)}));
  }
  const int before = at::get_num_threads();
  std::vector<at::Tensor> pooled, grads;
  for (int threads : {1, 2, 7}) {
    at::set_num_threads(threads);
    std::vector<at::Tensor> inputs;
    for (const at::Tensor& map : maps) inputs.push_back(map.clone().requires_grad_(true));
    const at::Tensor out = roi_align_pyramid(inputs, rois, 128, {14, 2, false}, 56);
    out.sin().sum().backward();
    pooled.push_back(out);
    for (const at::Tensor& input : inputs) grads.push_back(input.grad());
  }
  at::set_num_threads(before);
  for (std::size_t run = 1; run < pooled.size(); ++run) {
    EXPECT_TRUE(at::equal(pooled[run], pooled[0]));
    for (std::size_t k = 0; k < maps.size(); ++k)
      EXPECT_TRUE(at::equal(grads[run * maps.size() + k], grads[k]));
  }
}

TEST(RoiAlign, no_regions_give_nothing_and_a_zero_gradient) {
  const at::Tensor features = at::ones({1, 2, 8, 8}).requires_grad_(true);
  const at::Tensor out = roi_align(features, at::zeros({0, 5}), 0.25, {7, 2, false});
  EXPECT_EQ(out.sizes(), at::IntArrayRef({0, 2, 7, 7}));
  out.sum().backward();
  EXPECT_EQ(features.grad().abs().sum().item<float>(), 0);
}

}  // namespace
}  // namespace canopy
