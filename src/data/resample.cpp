// SPDX-License-Identifier: Apache-2.0
#include "data/resample.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "base/error.h"
#include "nn/simd.h"

namespace canopy {
namespace {

/// One output sample as a weighted sum of neighbours along an axis: the same number of taps for
/// all.
struct Taps {
  int count = 0;
  bool is_copy = false;        ///< output o is input first[0] + o
  std::vector<int> first;      ///< per output sample
  std::vector<float> weights;  ///< count per output sample
};

Taps taps_of(double origin, double zoom, int outputs, int inputs) {
  Taps taps;
  const double step = 1 / zoom;
  const bool shrinks = step > 1.5, is_exact = zoom == 1 && origin == std::floor(origin);
  const int wanted = shrinks ? static_cast<int>(std::ceil(step)) + 1 : is_exact ? 1 : 2;
  taps.count = std::min(inputs, wanted);
  taps.first.resize(outputs);
  taps.weights.assign(static_cast<std::size_t>(outputs) * taps.count, 0);
  for (int o = 0; o < outputs; ++o) {
    const double centre = origin + (o + 0.5) * step;
    const double low = shrinks ? centre - step / 2 : centre - 0.5;
    const double high = shrinks ? centre + step / 2 : centre + 0.5;
    const int begin = std::clamp(static_cast<int>(std::floor(low)), 0, inputs - taps.count);
    taps.first[o] = begin;
    float* weights = &taps.weights[static_cast<std::size_t>(o) * taps.count];
    // Bilinear interpolation is the average over one pixel's width; beyond the edge the last pixel
    // stands for all.
    const double total = high - low;
    for (auto i = static_cast<int>(std::floor(low)); i < high; ++i) {
      const double covered = std::min<double>(high, i + 1) - std::max<double>(low, i);
      const int inside = std::clamp(i, begin, begin + taps.count - 1);
      weights[inside - begin] += static_cast<float>(covered / total);
    }
  }
  taps.is_copy = taps.count == 1 && taps.first.back() - taps.first.front() == outputs - 1;
  return taps;
}

/// Samples [first, end) of a row as floats; invalid ones take their left valid neighbour's value,
/// or the right one's.
template <class Sample>
void load_row(const Example& example, int band, int row, int first, int end, float* out) {
  const std::size_t base = static_cast<std::size_t>(row) * example.width;
  const std::uint8_t* bytes = example.planes[band].data() + base * sizeof(Sample);
  for (int i = first; i < end; ++i) {
    Sample sample;
    std::memcpy(&sample, bytes + static_cast<std::size_t>(i) * sizeof(Sample), sizeof(Sample));
    out[i] = static_cast<float>(sample);
  }
  const bool is_float = example.types[band] == SampleType::Float32;
  if (example.valid.empty() && !is_float) return;
  const auto good = [&](int i) {
    return (example.valid.empty() || example.valid[base + i]) && std::isfinite(out[i]);
  };
  int last_good = -1;
  for (int i = first; i < end; ++i) {
    if (good(i)) {
      if (last_good < 0) std::fill(out + first, out + i, out[i]);
      last_good = i;
    } else if (last_good >= 0) {
      out[i] = out[last_good];
    }
  }
  if (last_good < 0) std::fill(out + first, out + end, 0.0f);
}

void load_row_of_any(const Example& example, int band, int row, int first, int end, float* out) {
  switch (example.types[band]) {
    case SampleType::UInt8:
      return load_row<std::uint8_t>(example, band, row, first, end, out);
    case SampleType::UInt16:
      return load_row<std::uint16_t>(example, band, row, first, end, out);
    case SampleType::Float32:
      return load_row<float>(example, band, row, first, end, out);
  }
}

/// out[o] = sum of the taps of in.
void filter_row(const Taps& taps, const float* in, float* out) {
  const int outputs = static_cast<int>(taps.first.size());
  if (taps.count == 1) {
    for (int o = 0; o < outputs; ++o) out[o] = in[taps.first[o]];
    return;
  }
  if (taps.count == 2) {
    for (int o = 0; o < outputs; ++o) {
      const float* x = in + taps.first[o];
      const float* weight = taps.weights.data() + std::ptrdiff_t{2} * o;
      out[o] = x[0] * weight[0] + x[1] * weight[1];
    }
    return;
  }
  for (int o = 0; o < outputs; ++o) {
    float sum = 0;
    for (int k = 0; k < taps.count; ++k)
      sum += in[taps.first[o] + k] * taps.weights[static_cast<std::size_t>(o) * taps.count + k];
    out[o] = sum;
  }
}

std::vector<int> nearest(double origin, double zoom, int outputs, int inputs) {
  std::vector<int> places(outputs);
  for (int o = 0; o < outputs; ++o) {
    const double at = std::floor(origin + (o + 0.5) / zoom);
    places[o] = at >= 0 && at < inputs ? static_cast<int>(at) : -1;
  }
  return places;
}

}  // namespace

TurnedLayout layout_of(const Placement& placement) {
  const std::int64_t w = placement.width, h = placement.height;
  check(placement.turn == 0 || w == h, "only a square crop can be turned");
  TurnedLayout layout{0, 1, w};
  if ((placement.turn & 1) != 0) layout = {w - 1, -1, w};
  // A quarter turn sends (x, y) to (w - 1 - y, x), that is the offset y * w + x to x * w + (w - 1 -
  // y).
  for (int quarter = 0; quarter < placement.turn / 2; ++quarter) {
    const auto turned = [&](std::int64_t x, std::int64_t y) { return x * w + (w - 1 - y); };
    const auto at = [&](std::int64_t offset) { return turned(offset % w, offset / w); };
    const std::int64_t origin = at(layout.offset);
    layout = {
        origin, at(layout.offset + layout.du) - origin, at(layout.offset + layout.dv) - origin};
  }
  return layout;
}

std::vector<int> nearest_columns(const Placement& placement, int tile_width) {
  return nearest(placement.x0, placement.zoom, placement.width, tile_width);
}

std::vector<int> nearest_rows(const Placement& placement, int tile_height) {
  return nearest(placement.y0, placement.zoom, placement.height, tile_height);
}

CANOPY_SIMD
void resample_plane(const Example& example,
                    int band,
                    const Placement& placement,
                    float factor,
                    float shift,
                    float* out) {
  const int w = placement.width, h = placement.height;
  const Taps across = taps_of(placement.x0, placement.zoom, w, example.width);
  const Taps down = taps_of(placement.y0, placement.zoom, h, example.height);
  const int first_row = *std::ranges::min_element(down.first);
  const int end_row = *std::ranges::max_element(down.first) + down.count;
  const int first = *std::ranges::min_element(across.first);
  const int end = *std::ranges::max_element(across.first) + across.count;
  thread_local std::vector<float> raw, rows, sum;
  raw.resize(example.width);
  rows.resize(static_cast<std::size_t>(end_row - first_row) * w);
  sum.resize(w);
  for (int row = first_row; row < end_row; ++row) {
    float* const out_row = &rows[static_cast<std::size_t>(row - first_row) * w];
    if (across.is_copy) {
      load_row_of_any(example, band, row, first, end, out_row - first);
      continue;
    }
    load_row_of_any(example, band, row, first, end, raw.data());
    filter_row(across, raw.data(), out_row);
  }
  const TurnedLayout layout = layout_of(placement);
  for (int v = 0; v < h; ++v) {
    float* const target = out + layout.offset + v * layout.dv;
    float* const line = layout.du == 1 ? target : sum.data();
    for (int k = 0; k < down.count; ++k) {
      const float weight = factor * down.weights[static_cast<std::size_t>(v) * down.count + k];
      const float* row = &rows[static_cast<std::size_t>(down.first[v] - first_row + k) * w];
      if (k == 0)
        for (int u = 0; u < w; ++u) line[u] = shift + row[u] * weight;
      else
        for (int u = 0; u < w; ++u) line[u] += row[u] * weight;
    }
    if (layout.du != 1)
      for (int u = 0; u < w; ++u) target[u * layout.du] = sum[u];
  }
}

}  // namespace canopy
