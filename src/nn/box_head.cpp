// SPDX-License-Identifier: Apache-2.0
#include "nn/box_head.h"

#include <ATen/ATen.h>

#include "nn/product.h"

namespace canopy {
namespace {

const std::string kFirst = "roi_heads.box_head.fc6", kSecond = "roi_heads.box_head.fc7";
const std::string kClass = "roi_heads.box_predictor.cls_score",
                  kBox = "roi_heads.box_predictor.bbox_pred";

}  // namespace

WeightSpecs box_head_specs(int channels, int width, int classes) {
  WeightSpecs specs = linear_specs(kFirst, channels * kBoxBins * kBoxBins, width);
  append(specs, linear_specs(kSecond, width, width));
  append(specs, linear_specs(kClass, width, classes));
  append(specs, linear_specs(kBox, width, 4 * classes));
  return specs;
}

BoxPrediction box_head(const NamedTensors& weights, const at::Tensor& pooled) {
  // The pooled features lie channels-last; bringing the weights into that order moves less than
  // flattening each region.
  const at::Tensor& w = weight(weights, kFirst + ".weight");
  const at::Tensor by_pixel =
      w.view({w.size(0), pooled.size(1), -1}).transpose(1, 2).reshape({w.size(0), -1});
  const at::Tensor rows = pooled.permute({0, 2, 3, 1}).reshape({pooled.size(0), by_pixel.size(1)});
  const at::Tensor first = product(rows, by_pixel, weight(weights, kFirst + ".bias")).relu_();
  const at::Tensor second = linear(weights, kSecond, first).relu_();
  return {linear(weights, kClass, second).to(at::kFloat),
          linear(weights, kBox, second).to(at::kFloat)};
}

BoxLosses box_losses(const BoxPrediction& prediction,
                     const at::Tensor& labels,
                     const at::Tensor& targets,
                     const at::Tensor& has_target) {
  const at::Tensor positive = at::nonzero(has_target).view(-1),
                   classes = labels.index_select(0, positive);
  const std::int64_t per_region = prediction.deltas.size(1) / 4;
  const at::Tensor deltas =
      prediction.deltas.reshape({-1, 4}).index_select(0, positive * per_region + classes);
  const at::Tensor box =
      at::smooth_l1_loss(deltas, targets.index_select(0, positive), at::Reduction::None, 1.0 / 9);
  return {at::cross_entropy_loss(prediction.logits, labels, {}, at::Reduction::None),
          at::zeros({labels.size(0)}, box.options()).index_add(0, positive, box.sum(1))};
}

}  // namespace canopy
