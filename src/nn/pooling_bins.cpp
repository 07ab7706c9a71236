// SPDX-License-Identifier: Apache-2.0
#include "nn/pooling_bins.h"

#include <algorithm>
#include <cmath>

namespace canopy {

template <class T>
void PoolingBins<T>::set(T start, T length, int bins, int samples, int extent) {
  const T bin = length / static_cast<T>(bins);
  if (samples <= 0) samples = static_cast<int>(std::ceil(bin));
  first.assign(bins, 0);
  begin.assign(bins + 1, 0);
  weights.clear();
  low = extent, high = 0;
  for (int k = 0; k < bins; ++k) {
    tap_pixel_.clear();
    tap_weight_.clear();
    for (int i = 0; i < samples; ++i) {
      T at = start + static_cast<T>(k) * bin +
             (static_cast<T>(i) + T(0.5)) * bin / static_cast<T>(samples);
      if (!(at >= -1 && at <= static_cast<T>(extent))) continue;
      at = std::max(at, T(0));
      const int pixel = std::min(static_cast<int>(at), extent - 1);
      const T part = pixel == extent - 1 ? T(0) : at - static_cast<T>(pixel);
      tap_pixel_.push_back(pixel);
      tap_weight_.push_back((1 - part) / static_cast<T>(samples));
      if (part > 0) {
        tap_pixel_.push_back(pixel + 1);
        tap_weight_.push_back(part / static_cast<T>(samples));
      }
    }
    if (!tap_pixel_.empty()) {
      const auto [least, most] = std::minmax_element(tap_pixel_.begin(), tap_pixel_.end());
      first[k] = *least;
      weights.resize(begin[k] + *most - *least + 1);
      for (std::size_t i = 0; i < tap_pixel_.size(); ++i)
        weights[begin[k] + tap_pixel_[i] - first[k]] += tap_weight_[i];
      low = std::min(low, *least);
      high = std::max(high, *most + 1);
    }
    begin[k + 1] = static_cast<int>(weights.size());
  }
  if (low > high) low = high = 0;
}

template struct PoolingBins<float>;
template struct PoolingBins<double>;

}  // namespace canopy
