// SPDX-License-Identifier: Apache-2.0
#include "nn/matching.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/ATen.h>

#include "nn/simd.h"

namespace canopy {
namespace {

constexpr std::int64_t kBlock =
    1024;  // boxes whose overlaps with one true box stay in the first cache

struct Columns {
  std::vector<float> x0, y0, x1, y1, area;
  explicit Columns(const at::Tensor& boxes) {
    const at::Tensor b = boxes.contiguous();
    for (auto* column : {&x0, &y0, &x1, &y1, &area}) column->resize(b.size(0));
    const float* box = b.const_data_ptr<float>();
    for (std::int64_t i = 0; i < b.size(0); ++i, box += 4) {
      x0[i] = box[0], y0[i] = box[1], x1[i] = box[2], y1[i] = box[3];
      area[i] = (box[2] - box[0]) * (box[3] - box[1]);
    }
  }
};

CANOPY_SIMD
void overlaps(const Columns& t,
              std::int64_t m,
              const Columns& b,
              std::int64_t begin,
              std::int64_t count,
              float* iou) {
  const float tx0 = t.x0[m], ty0 = t.y0[m], tx1 = t.x1[m], ty1 = t.y1[m], area = t.area[m];
  const float *x0 = &b.x0[begin], *y0 = &b.y0[begin], *x1 = &b.x1[begin], *y1 = &b.y1[begin],
              *areas = &b.area[begin];
#pragma omp simd
  for (std::int64_t j = 0; j < count; ++j) {
    const float left = tx0 < x0[j] ? x0[j] : tx0, top = ty0 < y0[j] ? y0[j] : ty0;
    const float right = x1[j] < tx1 ? x1[j] : tx1, bottom = y1[j] < ty1 ? y1[j] : ty1;
    const float w = right - left > 0 ? right - left : 0.f,
                h = bottom - top > 0 ? bottom - top : 0.f;
    const float common = w * h;
    iou[j] = common / (area + areas[j] - common);
  }
}

/// Calls visit(true box, first box, overlaps of a block) for one block of boxes against all true
/// boxes.
template <class Visit>
void for_each_overlap(
    const Columns& truth, const Columns& boxes, std::int64_t begin, std::int64_t end, Visit visit) {
  std::vector<float> iou(std::min(kBlock, end - begin));
  for (std::int64_t first = begin; first < end; first += kBlock) {
    const std::int64_t count = std::min(kBlock, end - first);
    for (std::int64_t m = 0; m < static_cast<std::int64_t>(truth.area.size()); ++m) {
      overlaps(truth, m, boxes, first, count, iou.data());
      visit(m, first, count, iou.data());
    }
  }
}

}  // namespace

std::vector<std::int64_t> match_boxes(const at::Tensor& truth,
                                      const at::Tensor& boxes,
                                      const MatchSettings& settings) {
  const std::int64_t count = boxes.size(0);
  std::vector<std::int64_t> matches(count, kBackground);
  if (truth.size(0) == 0 || count == 0) return matches;
  const Columns t(truth), b(boxes);
  std::vector<float> best(count, -1.f), best_of_truth(t.area.size(), -1.f);
  std::vector<std::int64_t> nearest(count, 0);
  for_each_overlap(
      t, b, 0, count, [&](std::int64_t m, std::int64_t first, std::int64_t n, const float* iou) {
        for (std::int64_t j = 0; j < n; ++j) {
          if (iou[j] > best[first + j]) best[first + j] = iou[j], nearest[first + j] = m;
          best_of_truth[m] = std::max(best_of_truth[m], iou[j]);
        }
      });
  // torchvision compares float overlaps with thresholds rounded to float
  const float high = static_cast<float>(settings.foreground_iou),
              low = static_cast<float>(settings.background_iou);
  for (std::int64_t i = 0; i < count; ++i)
    matches[i] = best[i] < low ? kBackground : best[i] < high ? kUndecided : nearest[i];
  if (settings.best_for_each)
    for_each_overlap(
        t, b, 0, count, [&](std::int64_t m, std::int64_t first, std::int64_t n, const float* iou) {
          for (std::int64_t j = 0; j < n; ++j)
            if (iou[j] == best_of_truth[m]) matches[first + j] = nearest[first + j];
        });
  return matches;
}

std::vector<std::int64_t> match_points(const at::Tensor& truth,
                                       const at::Tensor& boxes,
                                       const PointMatchSettings& settings) {
  const Columns t(truth), b(boxes);
  std::vector<std::int64_t> matches(b.area.size(), kBackground);
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const float width = b.x1[i] - b.x0[i], height = b.y1[i] - b.y0[i];
    float nearest = static_cast<float>(settings.background);
    for (std::size_t m = 0; m < t.area.size(); ++m) {
      const float dx = std::abs(t.x0[m] + t.x1[m] - b.x0[i] - b.x1[i]) / 2,
                  dy = std::abs(t.y0[m] + t.y1[m] - b.y0[i] - b.y1[i]) / 2;
      const float distance = std::max(dx / width, dy / height);
      const float size = b.area[i] / t.area[m];
      if (!(distance < nearest) || size > 9 || size < 1.0f / 9) continue;
      nearest = distance;
      const bool stands_for_it =
          distance < static_cast<float>(settings.foreground) && size <= 4 && size >= 0.25f;
      matches[i] = stands_for_it ? static_cast<std::int64_t>(m) : kUndecided;
    }
  }
  return matches;
}

std::vector<std::int64_t> match_targets(const Targets& target,
                                        const at::Tensor& boxes,
                                        const MatchSettings& settings) {
  std::vector<std::int64_t> matches = target.has_extents
                                          ? match_boxes(target.boxes, boxes, settings)
                                          : match_points(target.boxes, boxes);
  leave_out_ignored(target.ignore, boxes, matches);
  return matches;
}

void leave_out_ignored(const at::Tensor& ignore,
                       const at::Tensor& boxes,
                       std::vector<std::int64_t>& matches) {
  if (!ignore.defined() || !ignore.any().item<bool>()) return;
  const std::int64_t rows = ignore.size(0), columns = ignore.size(1);
  const at::Tensor mask = ignore.contiguous(), b = boxes.contiguous();
  std::vector<std::int32_t> sums((rows + 1) *
                                 (columns + 1));  // [y][x]: ignored pixels above and left of (y, x)
  for (std::int64_t y = 0; y < rows; ++y)
    for (std::int64_t x = 0, line = 0; x < columns; ++x) {
      line += mask.const_data_ptr<bool>()[y * columns + x];
      sums[(y + 1) * (columns + 1) + x + 1] =
          sums[y * (columns + 1) + x + 1] + static_cast<std::int32_t>(line);
    }
  const float* box = b.const_data_ptr<float>();
  for (std::size_t i = 0; i < matches.size(); ++i, box += 4) {
    const auto pixel = [](float v, std::int64_t most) {
      return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::lround(v)), 0, most);
    };
    const std::int64_t x0 = pixel(box[0], columns), x1 = pixel(box[2], columns),
                       y0 = pixel(box[1], rows), y1 = pixel(box[3], rows);
    const auto sum = [&](std::int64_t y, std::int64_t x) { return sums[y * (columns + 1) + x]; };
    if (std::int64_t{2} * (sum(y1, x1) - sum(y0, x1) - sum(y1, x0) + sum(y0, x0)) >
        (y1 - y0) * (x1 - x0))
      matches[i] = kUndecided;
  }
}

Sample sample_matches(const std::vector<std::int64_t>& matches,
                      std::int64_t count,
                      double positive_share,
                      Random random) {
  Sample all;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    if (matches[i] >= 0) all.positive.push_back(static_cast<std::int64_t>(i));
    if (matches[i] == kBackground) all.negative.push_back(static_cast<std::int64_t>(i));
  }
  const auto choose = [&](std::vector<std::int64_t>& from, std::int64_t wanted) {
    const auto n = static_cast<std::int64_t>(from.size());
    if (wanted >= n) return;
    for (std::int64_t i = 0; i < wanted; ++i) std::swap(from[i], from[i + random.below(n - i)]);
    from.resize(wanted);
    std::sort(from.begin(), from.end());
  };
  choose(all.positive, static_cast<std::int64_t>(static_cast<double>(count) * positive_share));
  choose(all.negative, count - static_cast<std::int64_t>(all.positive.size()));
  return all;
}

}  // namespace canopy
