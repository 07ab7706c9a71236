// SPDX-License-Identifier: Apache-2.0
#include "nn/mask_head.h"

#include <cmath>

#include <ATen/ATen.h>

#include "nn/product.h"

namespace canopy {
namespace {

const std::string kUpsample = "roi_heads.mask_predictor.conv5_mask",
                  kLogits = "roi_heads.mask_predictor.mask_fcn_logits";

std::string layer(int i) { return "roi_heads.mask_head." + std::to_string(i) + ".0"; }

double kaiming(int fan_out) { return std::sqrt(2.0 / fan_out); }

}  // namespace

WeightSpecs mask_head_specs(int inputs, int channels, int layers, int classes) {
  WeightSpecs specs;
  for (int i = 0; i < layers; ++i, inputs = channels)
    append(specs,
           convolution_specs(
               layer(i), inputs, channels, 3, WeightSpec::Start::Normal, kaiming(9 * channels)));
  specs.push_back({kUpsample + ".weight",
                   {inputs, channels, 2, 2},
                   WeightSpec::Start::Normal,
                   kaiming(4 * inputs)});
  specs.push_back({kUpsample + ".bias", {channels}});
  append(specs,
         convolution_specs(
             kLogits, channels, classes, 1, WeightSpec::Start::Normal, kaiming(classes)));
  return specs;
}

at::Tensor mask_head(const NamedTensors& weights,
                     const at::Tensor& pooled,
                     const at::Tensor& labels) {
  at::Tensor x = pooled;
  for (int i = 0; weights.contains(layer(i) + ".weight"); ++i)
    x = convolve(weights, layer(i), x).relu_();
  const at::Tensor& up = weight(weights, kUpsample + ".weight");  // [inputs, channels, 2, 2]
  const std::int64_t regions = x.size(0), size = x.size(2), channels = up.size(1);
  const at::Tensor rows = x.permute({0, 2, 3, 1}).reshape({-1, up.size(0)});
  const at::Tensor spread = product(rows,
                                    up.permute({2, 3, 1, 0}).reshape({4 * channels, up.size(0)}),
                                    weight(weights, kUpsample + ".bias").repeat(4))
                                .relu_();  // [regions * size * size, (dy, dx, channels)]
  const at::Tensor& last = weight(weights, kLogits + ".weight");
  const at::Tensor logits =
      product(spread.view({-1, channels}), last.flatten(1), weight(weights, kLogits + ".bias"))
          .view({regions, size * size * 4, last.size(0)});
  const at::Tensor own =
      logits.gather(2, labels.view({-1, 1, 1}).expand({regions, size * size * 4, 1}));
  return own.to(at::kFloat)
      .view({regions, size, size, 2, 2})
      .permute({0, 1, 3, 2, 4})
      .reshape({regions, 2 * size, 2 * size});
}

at::Tensor mask_losses(const at::Tensor& logits, const at::Tensor& targets) {
  return at::binary_cross_entropy_with_logits(logits, targets, {}, {}, at::Reduction::None)
      .mean({1, 2});
}

}  // namespace canopy
