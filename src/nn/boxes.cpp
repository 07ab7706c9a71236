// SPDX-License-Identifier: Apache-2.0
#include "nn/boxes.h"

#include <cmath>

#include <ATen/ATen.h>

namespace canopy {
namespace {

at::Tensor areas_of(const at::Tensor& boxes) {
  return (boxes.select(1, 2) - boxes.select(1, 0)) * (boxes.select(1, 3) - boxes.select(1, 1));
}

struct Centred {
  at::Tensor x, y, w, h;
  explicit Centred(const at::Tensor& boxes)
      : w(boxes.select(1, 2) - boxes.select(1, 0)), h(boxes.select(1, 3) - boxes.select(1, 1)) {
    x = boxes.select(1, 0) + 0.5 * w;
    y = boxes.select(1, 1) + 0.5 * h;
  }
};

}  // namespace

at::Tensor box_iou(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor low = at::max(a.slice(1, 0, 2).unsqueeze(1), b.slice(1, 0, 2).unsqueeze(0));
  const at::Tensor high = at::min(a.slice(1, 2, 4).unsqueeze(1), b.slice(1, 2, 4).unsqueeze(0));
  const at::Tensor size = (high - low).clamp_min(0);
  const at::Tensor common = size.select(2, 0) * size.select(2, 1);
  return common / (areas_of(a).unsqueeze(1) + areas_of(b).unsqueeze(0) - common);
}

at::Tensor encode_boxes(const at::Tensor& targets,
                        const at::Tensor& boxes,
                        const BoxWeights& weights) {
  const Centred to(targets), from(boxes);
  return at::stack({weights[0] * (to.x - from.x) / from.w,
                    weights[1] * (to.y - from.y) / from.h,
                    weights[2] * at::log(to.w / from.w),
                    weights[3] * at::log(to.h / from.h)},
                   1);
}

at::Tensor decode_boxes(const at::Tensor& deltas,
                        const at::Tensor& boxes,
                        const BoxWeights& weights) {
  static const double kMostGrowth = std::log(1000.0 / 16);
  const Centred from(boxes);
  const at::Tensor coded = deltas.reshape({boxes.size(0), deltas.size(1) / 4, 4});
  const auto column = [](const at::Tensor& v) { return v.unsqueeze(1); };
  const at::Tensor x = coded.select(2, 0) / weights[0] * column(from.w) + column(from.x);
  const at::Tensor y = coded.select(2, 1) / weights[1] * column(from.h) + column(from.y);
  const at::Tensor w =
      0.5 * (at::exp((coded.select(2, 2) / weights[2]).clamp_max(kMostGrowth)) * column(from.w));
  const at::Tensor h =
      0.5 * (at::exp((coded.select(2, 3) / weights[3]).clamp_max(kMostGrowth)) * column(from.h));
  return at::stack({x - w, y - h, x + w, y + h}, 2);
}

at::Tensor clip_boxes(const at::Tensor& boxes, Extent image) {
  const auto cut = [&](int i) {
    return boxes.select(-1, i).clamp(0, static_cast<double>(image[i % 2 == 0 ? 1 : 0]));
  };
  return at::stack({cut(0), cut(1), cut(2), cut(3)}, -1);
}

at::Tensor large_boxes(const at::Tensor& boxes, double least) {
  const at::Tensor w = boxes.select(1, 2) - boxes.select(1, 0),
                   h = boxes.select(1, 3) - boxes.select(1, 1);
  return at::nonzero(w.ge(least).logical_and(h.ge(least))).view(-1);
}

}  // namespace canopy
