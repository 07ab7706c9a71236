// SPDX-License-Identifier: Apache-2.0
#include "nn/roi_align.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "nn/device.h"
#include "nn/gathered_pooling.h"
#include "nn/pooling_bins.h"
#include "nn/simd.h"

namespace canopy {
namespace {

CANOPY_SIMD
void add_scaled(float* __restrict sum, const float* __restrict x, float scale, std::int64_t count) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) sum[i] += scale * x[i];
}

void add_scaled(double* sum, const double* x, double scale, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) sum[i] += scale * x[i];
}

/// What the pooling of one call needs to know; all of it fits into an IValue.
struct Plan {
  std::vector<double> scales;        // by level
  std::vector<std::int64_t> shapes;  // by level: N, C, H, W
  std::int64_t bins, samples;
  bool aligned;
};

template <class T>
struct Region {
  PoolingBins<T> y, x;
  std::int64_t picture = 0;

  void set(const T* roi, const Plan& plan, std::size_t level) {
    const T scale = static_cast<T>(plan.scales[level]), shift = plan.aligned ? T(0.5) : T(0);
    picture = static_cast<std::int64_t>(roi[0]);
    const T x0 = roi[1] * scale - shift, y0 = roi[2] * scale - shift;
    T w = roi[3] * scale - shift - x0, h = roi[4] * scale - shift - y0;
    if (!plan.aligned) w = std::max(w, T(1)), h = std::max(h, T(1));
    const int bins = static_cast<int>(plan.bins), samples = static_cast<int>(plan.samples);
    y.set(y0, h, bins, samples, static_cast<int>(plan.shapes[4 * level + 2]));
    x.set(x0, w, bins, samples, static_cast<int>(plan.shapes[4 * level + 3]));
  }
};

/// One region: rows first, into `line`, then columns. `map` is [H, W, C], `out` [bins, bins, C] and
/// zero.
template <class T>
void pool(const T* map,
          std::int64_t width,
          std::int64_t channels,
          const Region<T>& region,
          int bins,
          std::vector<T>& line,
          T* out) {
  const PoolingBins<T>& y = region.y;
  const PoolingBins<T>& x = region.x;
  const std::int64_t span = (x.high - x.low) * channels;
  for (int row = 0; row < bins; ++row) {
    line.assign(span, T(0));
    for (int i = y.begin[row]; i < y.begin[row + 1]; ++i)
      add_scaled(line.data(),
                 map + ((y.first[row] + i - y.begin[row]) * width + x.low) * channels,
                 y.weights[i],
                 span);
    for (int column = 0; column < bins; ++column, out += channels)
      for (int i = x.begin[column]; i < x.begin[column + 1]; ++i)
        add_scaled(out,
                   line.data() + (x.first[column] + i - x.begin[column] - x.low) * channels,
                   x.weights[i],
                   channels);
  }
}

/// The transpose of `pool` for the channels [first, first + count).
template <class T>
void spread(T* map,
            std::int64_t width,
            std::int64_t channels,
            std::int64_t first,
            std::int64_t count,
            const Region<T>& region,
            int bins,
            std::vector<T>& line,
            const T* out) {
  const PoolingBins<T>& y = region.y;
  const PoolingBins<T>& x = region.x;
  const int span = x.high - x.low;
  for (int row = 0; row < bins; ++row) {
    line.assign(span * count, T(0));
    for (int column = 0; column < bins; ++column) {
      const T* from = out + (row * bins + column) * channels + first;
      for (int i = x.begin[column]; i < x.begin[column + 1]; ++i)
        add_scaled(line.data() + (x.first[column] + i - x.begin[column] - x.low) * count,
                   from,
                   x.weights[i],
                   count);
    }
    for (int i = y.begin[row]; i < y.begin[row + 1]; ++i) {
      T* to = map + ((y.first[row] + i - y.begin[row]) * width + x.low) * channels + first;
      if (count == channels) {
        add_scaled(to, line.data(), y.weights[i], span * channels);
      } else {
        for (int k = 0; k < span; ++k)
          add_scaled(to + k * channels, line.data() + k * count, y.weights[i], count);
      }
    }
  }
}

template <class T>
void pool_all(const std::vector<at::Tensor>& maps,
              const at::Tensor& rois,
              const at::Tensor& levels,
              const Plan& plan,
              at::Tensor& out) {
  const std::int64_t size = plan.bins * plan.bins * plan.shapes[1];
  at::parallel_for(0, rois.size(0), 4, [&](std::int64_t begin, std::int64_t end) {
    Region<T> region;
    std::vector<T> line;
    for (std::int64_t r = begin; r < end; ++r) {
      const auto level = static_cast<std::size_t>(levels.const_data_ptr<std::int64_t>()[r]);
      const std::int64_t* shape = &plan.shapes[4 * level];
      region.set(rois.const_data_ptr<T>() + 5 * r, plan, level);
      pool(maps[level].const_data_ptr<T>() + region.picture * shape[1] * shape[2] * shape[3],
           shape[3],
           shape[1],
           region,
           static_cast<int>(plan.bins),
           line,
           out.mutable_data_ptr<T>() + r * size);
    }
  });
}

template <class T>
void spread_all(std::vector<at::Tensor>& maps,
                const at::Tensor& rois,
                const at::Tensor& levels,
                const Plan& plan,
                const at::Tensor& out) {
  const std::int64_t pictures = plan.shapes[0], channels = plan.shapes[1],
                     size = plan.bins * plan.bins * channels;
  // A task owns some channels of one picture, so no two write the same place.
  const std::int64_t parts = std::clamp<std::int64_t>(
      at::get_num_threads() / pictures, 1, std::max<std::int64_t>(1, channels / 32));
  at::parallel_for(0, pictures * parts, 1, [&](std::int64_t begin, std::int64_t end) {
    Region<T> region;
    std::vector<T> line;
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t first = channels * (task % parts) / parts,
                         last = channels * (task % parts + 1) / parts;
      for (std::int64_t r = 0; r < rois.size(0); ++r) {
        const T* roi = rois.const_data_ptr<T>() + 5 * r;
        if (static_cast<std::int64_t>(roi[0]) != task / parts) continue;
        const auto level = static_cast<std::size_t>(levels.const_data_ptr<std::int64_t>()[r]);
        const std::int64_t* shape = &plan.shapes[4 * level];
        region.set(roi, plan, level);
        spread(maps[level].mutable_data_ptr<T>() + region.picture * channels * shape[2] * shape[3],
               shape[3],
               channels,
               first,
               last - first,
               region,
               static_cast<int>(plan.bins),
               line,
               out.const_data_ptr<T>() + r * size);
      }
    }
  });
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct PyramidPooling : torch::autograd::Function<PyramidPooling> {
  static at::Tensor forward(AutogradContext* ctx,
                            at::TensorList features,
                            const at::Tensor& rois,
                            const at::Tensor& levels,
                            std::vector<double> scales,
                            const RoiAlignSettings& settings) {
    Plan plan{std::move(scales), {}, settings.bins, settings.samples, settings.aligned};
    std::vector<at::Tensor> maps;
    for (const at::Tensor& f : features) {
      plan.shapes.insert(plan.shapes.end(), f.sizes().begin(), f.sizes().end());
      maps.push_back(f.permute({0, 2, 3, 1}).contiguous());
    }
    at::Tensor out =
        at::zeros({rois.size(0), plan.bins, plan.bins, features[0].size(1)}, features[0].options());
    if (out.scalar_type() == at::kDouble)
      pool_all<double>(maps, rois, levels, plan, out);
    else
      pool_all<float>(maps, rois, levels, plan, out);
    ctx->save_for_backward({rois, levels});
    ctx->saved_data["scales"] = plan.scales;
    ctx->saved_data["shapes"] = plan.shapes;
    ctx->saved_data["bins"] = plan.bins;
    ctx->saved_data["samples"] = plan.samples;
    ctx->saved_data["aligned"] = plan.aligned;
    return out.permute({0, 3, 1, 2});
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const Plan plan{ctx->saved_data["scales"].toDoubleVector(),
                    ctx->saved_data["shapes"].toIntVector(),
                    ctx->saved_data["bins"].toInt(),
                    ctx->saved_data["samples"].toInt(),
                    ctx->saved_data["aligned"].toBool()};
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor out = grads[0].permute({0, 2, 3, 1}).contiguous();
    std::vector<at::Tensor> maps;
    for (std::size_t level = 0; level < plan.scales.size(); ++level) {
      const std::int64_t* s = &plan.shapes[4 * level];
      maps.push_back(at::zeros({s[0], s[2], s[3], s[1]}, out.options()));
    }
    if (out.scalar_type() == at::kDouble)
      spread_all<double>(maps, saved[0], saved[1], plan, out);
    else
      spread_all<float>(maps, saved[0], saved[1], plan, out);
    variable_list inputs;
    for (const at::Tensor& map : maps) inputs.push_back(map.permute({0, 3, 1, 2}));
    inputs.resize(inputs.size() + 4);  // rois, levels, scales, settings
    return inputs;
  }
};

}  // namespace

at::Tensor roi_align(const at::Tensor& features,
                     const at::Tensor& rois,
                     double scale,
                     const RoiAlignSettings& settings) {
  return PyramidPooling::apply(at::TensorList(features),
                               rois.to(features.scalar_type()).contiguous(),
                               at::zeros({rois.size(0)}, at::kLong),
                               std::vector<double>{scale},
                               settings);
}

at::Tensor pyramid_levels(const at::Tensor& boxes, int levels, double canonical_px) {
  const at::Tensor area =
      (boxes.select(1, 2) - boxes.select(1, 0)) * (boxes.select(1, 3) - boxes.select(1, 1));
  const at::Tensor level = at::floor(4 + at::log2(at::sqrt(area) / canonical_px) +
                                     at::scalar_tensor(1e-6, boxes.options()));
  return at::clamp(level, 2, levels + 1).to(at::kLong) - 2;
}

at::Tensor roi_align_pyramid(const std::vector<at::Tensor>& features,
                             const at::Tensor& rois,
                             std::int64_t image_rows,
                             const RoiAlignSettings& settings,
                             double canonical_px) {
  std::vector<at::Tensor> exact;
  std::vector<double> scales;
  for (const at::Tensor& f : features) {
    exact.push_back(f.scalar_type() == at::kDouble ? f : f.to(at::kFloat));
    scales.push_back(std::exp2(
        std::round(std::log2(static_cast<double>(f.size(2)) / static_cast<double>(image_rows)))));
  }
  const at::Tensor levels =
      pyramid_levels(rois.slice(1, 1, 5), static_cast<int>(features.size()), canonical_px);
  if (!has_kernels(rois.device())) return gathered_pooling(exact, rois, levels, scales, settings);
  return PyramidPooling::apply(at::TensorList(exact), rois.contiguous(), levels, scales, settings);
}

}  // namespace canopy
