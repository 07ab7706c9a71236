// SPDX-License-Identifier: Apache-2.0
#include "nn/nms.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include <ATen/ATen.h>

#include "nn/boxes.h"
#include "nn/device.h"
#include "nn/simd.h"

namespace canopy {
namespace {

constexpr std::int64_t kTogetherNumbers = 4000;  // of boxes.numel(): torchvision's limit on the CPU

struct Columns {  // boxes in descending order of score, one array a coordinate
  std::vector<float> x0, y0, x1, y1, area;
};

/// Marks the boxes in [begin, end) that overlap box i too much.
CANOPY_SIMD
void suppress(const Columns& b, std::size_t i, std::size_t end, float most, std::uint8_t* dead) {
  const float ix0 = b.x0[i], iy0 = b.y0[i], ix1 = b.x1[i], iy1 = b.y1[i], area = b.area[i];
  const float *x0 = b.x0.data(), *y0 = b.y0.data(), *x1 = b.x1.data(), *y1 = b.y1.data(),
              *areas = b.area.data();
#pragma omp simd
  for (std::size_t j = i + 1; j < end; ++j) {
    const float left = ix0 < x0[j] ? x0[j] : ix0, top = iy0 < y0[j] ? y0[j] : iy0;
    const float right = x1[j] < ix1 ? x1[j] : ix1, bottom = y1[j] < iy1 ? y1[j] : iy1;
    const float w = right - left > 0 ? right - left : 0.f,
                h = bottom - top > 0 ? bottom - top : 0.f;
    const float common = w * h;
    const float iou = common / (area + areas[j] - common);
    dead[j] = static_cast<std::uint8_t>(dead[j] | (iou > most ? 1 : 0));
  }
}

std::vector<std::int64_t> order_by_score(const float* scores, std::int64_t count) {
  std::vector<std::int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(
      order.begin(), order.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
  return order;
}

/// "iou > threshold" in double is "iou > this" in float.
float threshold_of(double iou) {
  const float most = static_cast<float>(iou);
  return static_cast<double>(most) > iou
             ? std::nextafter(most, -std::numeric_limits<float>::infinity())
             : most;
}

/// `order` holds the candidates, best first; what is kept stays in that order.
std::vector<std::int64_t> keep_best(const float* boxes,
                                    const std::vector<std::int64_t>& order,
                                    double iou) {
  const float most = threshold_of(iou);
  Columns b;
  for (auto* column : {&b.x0, &b.y0, &b.x1, &b.y1, &b.area}) column->resize(order.size());
  for (std::size_t k = 0; k < order.size(); ++k) {
    const float* box = boxes + 4 * order[k];
    b.x0[k] = box[0], b.y0[k] = box[1], b.x1[k] = box[2], b.y1[k] = box[3];
    b.area[k] = (box[2] - box[0]) * (box[3] - box[1]);
  }
  std::vector<std::uint8_t> dead(order.size());
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (dead[i]) continue;
    kept.push_back(order[i]);
    suppress(b, i, order.size(), most, dead.data());
  }
  return kept;
}

}  // namespace

at::Tensor nms_by_matrix(const at::Tensor& boxes,
                         const at::Tensor& scores,
                         double iou,
                         const std::optional<at::Tensor>& classes) {
  const at::Tensor order = std::get<1>(at::sort(scores, /*stable=*/true, 0, /*descending=*/true));
  const at::Tensor best = boxes.index_select(0, order);
  at::Tensor suppresses = box_iou(best, best).gt(threshold_of(iou)).triu(1);  // [better, worse]
  if (classes) {
    const at::Tensor own = classes->index_select(0, order);
    suppresses = suppresses.logical_and(own.unsqueeze(1).eq(own.unsqueeze(0)));
  }
  at::Tensor kept = at::ones_like(order, at::kBool);
  while (true) {
    const at::Tensor next = suppresses.logical_and(kept.unsqueeze(1)).any(0).logical_not();
    if (at::equal(next, kept)) return order.index_select(0, at::nonzero(kept).view(-1));
    kept = next;
  }
}

at::Tensor nms(const at::Tensor& boxes, const at::Tensor& scores, double iou) {
  if (!has_kernels(boxes.device())) return nms_by_matrix(boxes, scores, iou);
  const at::Tensor b = boxes.contiguous(), s = scores.contiguous();
  return at::tensor(
      keep_best(
          b.const_data_ptr<float>(), order_by_score(s.const_data_ptr<float>(), s.numel()), iou),
      at::kLong);
}

at::Tensor batched_nms(const at::Tensor& boxes,
                       const at::Tensor& scores,
                       const at::Tensor& classes,
                       double iou) {
  if (boxes.numel() == 0) return at::empty({0}, boxes.options().dtype(at::kLong));
  if (boxes.numel() <= kTogetherNumbers) {
    const at::Tensor shift = classes.to(boxes.scalar_type()) * (boxes.max() + 1);
    return nms(boxes + shift.unsqueeze(1), scores, iou);
  }
  if (!has_kernels(boxes.device())) return nms_by_matrix(boxes, scores, iou, classes);
  const at::Tensor b = boxes.contiguous(), s = scores.contiguous(), c = classes.contiguous();
  const auto order = order_by_score(s.const_data_ptr<float>(), s.numel());
  std::map<std::int64_t, std::vector<std::int64_t>> by_class;
  for (std::int64_t i : order) by_class[c.const_data_ptr<std::int64_t>()[i]].push_back(i);
  std::vector<std::uint8_t> kept(order.size());
  for (const auto& [label, members] : by_class)
    for (std::int64_t i : keep_best(b.const_data_ptr<float>(), members, iou)) kept[i] = 1;
  std::vector<std::int64_t> keep;
  for (std::int64_t i : order)
    if (kept[i]) keep.push_back(i);
  return at::tensor(keep, at::kLong);
}

}  // namespace canopy
