// SPDX-License-Identifier: Apache-2.0
#include "nn/paste.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

namespace canopy {
namespace {

/// Where pixel `at` of a line stretched from `cells` to `pixels` samples: two neighbouring cells
/// and the second's weight.
struct Tap {
  int low, high;
  float part;
  Tap(int at, int cells, int pixels) {
    const float scale = static_cast<float>(cells) / static_cast<float>(pixels);
    const float place = std::max(0.f, scale * (static_cast<float>(at) + 0.5f) - 0.5f);
    low = std::min(static_cast<int>(place), cells - 1);
    high = std::min(low + 1, cells - 1);
    part = place - static_cast<float>(low);
  }
};

/// A line of the grown box: its first pixel and its length.
struct Span {
  int first, length;
  Span(float low, float high, int size) {
    const float scale = static_cast<float>(size + 2) / static_cast<float>(size);
    const float half = (high - low) * 0.5f * scale, middle = (high + low) * 0.5f;
    first = static_cast<int>(middle - half);
    length = std::max(1, static_cast<int>(middle + half) - first + 1);
  }
};

}  // namespace

PastedMask paste_mask(const float* mask, int size, const float* box, int height, int width) {
  const Span x(box[0], box[2], size), y(box[1], box[3], size);
  PastedMask out;
  out.x0 = std::max(x.first, 0);
  out.y0 = std::max(y.first, 0);
  out.width = std::max(0, std::min(x.first + x.length, width) - out.x0);
  out.height = std::max(0, std::min(y.first + y.length, height) - out.y0);
  if (out.width == 0 || out.height == 0) return {};
  const auto cell = [&](int row, int column) {  // of the padded mask
    const bool inside = row > 0 && row <= size && column > 0 && column <= size;
    return inside ? mask[(row - 1) * size + column - 1] : 0.f;
  };
  std::vector<Tap> columns;
  for (int i = 0; i < out.width; ++i)
    columns.emplace_back(out.x0 + i - x.first, size + 2, x.length);
  out.probability.reserve(static_cast<std::size_t>(out.width) * out.height);
  for (int j = 0; j < out.height; ++j) {
    const Tap row(out.y0 + j - y.first, size + 2, y.length);
    for (const Tap& column : columns) {
      const float above =
          (1 - column.part) * cell(row.low, column.low) + column.part * cell(row.low, column.high);
      const float below = (1 - column.part) * cell(row.high, column.low) +
                          column.part * cell(row.high, column.high);
      out.probability.push_back((1 - row.part) * above + row.part * below);
    }
  }
  return out;
}

at::Tensor paste_masks(const at::Tensor& masks, const at::Tensor& boxes, int height, int width) {
  const at::Tensor m = masks.contiguous(), b = boxes.contiguous();
  at::Tensor pasted = at::zeros({m.size(0), height, width}, at::kFloat);
  const int size = static_cast<int>(m.size(-1));
  for (std::int64_t n = 0; n < m.size(0); ++n) {
    const PastedMask one = paste_mask(m.const_data_ptr<float>() + n * size * size,
                                      size,
                                      b.const_data_ptr<float>() + 4 * n,
                                      height,
                                      width);
    for (int y = 0; y < one.height; ++y)
      std::copy_n(&one.probability[static_cast<std::size_t>(y) * one.width],
                  one.width,
                  pasted.mutable_data_ptr<float>() + (n * height + one.y0 + y) * width + one.x0);
  }
  return pasted;
}

}  // namespace canopy
