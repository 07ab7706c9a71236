// SPDX-License-Identifier: Apache-2.0
#include "nn/gathered_pooling.h"

#include <ATen/ATen.h>

#include "base/error.h"

namespace canopy {
namespace {

/// Along one axis: the pixels that the samples of each bin touch, and their weights. [R, bins, 2 *
/// samples]
struct Taps {
  at::Tensor pixels, weights;
};

/// `start` and `length` of the regions [R] in pixels of lines of `extent` [R], int64. As in
/// PoolingBins.
Taps taps_of(const at::Tensor& start,
             const at::Tensor& length,
             const at::Tensor& extent,
             const RoiAlignSettings& settings) {
  const std::int64_t regions = start.size(0), bins = settings.bins, samples = settings.samples;
  const at::Tensor bin = (length / static_cast<double>(bins)).view({-1, 1, 1});
  const at::Tensor k = at::arange(bins, start.options()).view({1, -1, 1});
  const at::Tensor i = at::arange(samples, start.options()).view({1, 1, -1}) + 0.5;
  const at::Tensor at = start.view({-1, 1, 1}) + k * bin + i * bin / static_cast<double>(samples);
  const at::Tensor last = (extent - 1).view({-1, 1, 1});
  const at::Tensor is_inside = at.ge(-1).logical_and(at.le(extent.view({-1, 1, 1})));
  const at::Tensor clamped = at.clamp_min(0);
  const at::Tensor low = at::min(clamped.to(at::kLong), last), high = at::min(low + 1, last);
  const at::Tensor part = at::where(low.eq(last), at::zeros_like(clamped), clamped - low);
  const at::Tensor share = is_inside.to(start.scalar_type()) / static_cast<double>(samples);
  return {at::stack({low, high}, 3).reshape({regions, bins, 2 * samples}),
          at::stack({(1 - part) * share, part * share}, 3).reshape({regions, bins, 2 * samples})};
}

}  // namespace

at::Tensor gathered_pooling(const std::vector<at::Tensor>& features,
                            const at::Tensor& rois,
                            const at::Tensor& levels,
                            const std::vector<double>& scales,
                            const RoiAlignSettings& settings) {
  check(settings.samples > 0, "gathered pooling needs a number of samples");
  const std::int64_t regions = rois.size(0), channels = features[0].size(1), bins = settings.bins;
  std::vector<at::Tensor> tables;
  std::vector<std::int64_t> heights, widths, begins;
  std::int64_t rows = 0;
  for (const at::Tensor& map : features) {
    tables.push_back(map.permute({0, 2, 3, 1}).reshape({-1, channels}));
    heights.push_back(map.size(2)), widths.push_back(map.size(3)), begins.push_back(rows);
    rows += tables.back().size(0);
  }
  const auto by_level = [&](const std::vector<std::int64_t>& values) {
    return at::tensor(values, at::kLong).to(rois.device()).index_select(0, levels);
  };
  const at::Tensor height = by_level(heights), width = by_level(widths), begin = by_level(begins);
  const at::Tensor scale =
      at::tensor(scales, at::kDouble).to(rois.options()).index_select(0, levels);
  const double shift = settings.aligned ? 0.5 : 0;
  const auto corner = [&](int column) { return rois.select(1, column) * scale - shift; };
  const at::Tensor x0 = corner(1), y0 = corner(2);
  at::Tensor w = corner(3) - x0, h = corner(4) - y0;
  if (!settings.aligned) w = w.clamp_min(1), h = h.clamp_min(1);
  const Taps x = taps_of(x0, w, width, settings), y = taps_of(y0, h, height, settings);

  // [R, bins of y, bins of x, taps of y, taps of x]
  const std::int64_t taps = 2 * settings.samples;
  const auto along_y = [&](const at::Tensor& t) { return t.view({regions, bins, 1, taps, 1}); };
  const auto along_x = [&](const at::Tensor& t) { return t.view({regions, 1, bins, 1, taps}); };
  const auto each = [](const at::Tensor& t) { return t.view({-1, 1, 1, 1, 1}); };
  const at::Tensor first = begin + rois.select(1, 0).to(at::kLong) * height * width;
  const at::Tensor row = each(first) + along_y(y.pixels) * each(width) + along_x(x.pixels);
  const at::Tensor weight = along_y(y.weights) * along_x(x.weights);
  const std::int64_t bags = regions * bins * bins, per_bag = taps * taps;
  if (bags == 0)  // still a function of the features
    return at::cat(tables).sum() * 0 + at::zeros({0, channels, bins, bins}, features[0].options());
  const at::Tensor offsets =
      at::arange(bags, at::TensorOptions(at::kLong).device(rois.device())) * per_bag;
  const at::Tensor pooled = std::get<0>(at::embedding_bag(at::cat(tables),
                                                          row.reshape({-1}),
                                                          offsets,
                                                          /*scale_grad_by_freq=*/false,
                                                          /*mode=*/0,
                                                          /*sparse=*/false,
                                                          weight.reshape({-1})));
  return pooled.view({regions, bins, bins, channels}).permute({0, 3, 1, 2});
}

}  // namespace canopy
