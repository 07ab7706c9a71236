// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

// RoIAlign (He et al. 2017) averages bilinear samples over a grid of bins. Samples lie on a grid
// too, so the weights are the product of one set of weights along y and one along x: pooled = Wy F
// Wx^T. Here is one of those sets, in the conventions of torchvision (samples more than a pixel
// outside count as 0).

namespace canopy {

/// Bin k is the sum over i of weights[begin[k] + i] * line[first[k] + i].
template <class T>
struct PoolingBins {
  std::vector<int> first;  ///< by bin: its first pixel
  std::vector<int> begin;  ///< by bin, and one more: its place in `weights`
  std::vector<T> weights;
  int low = 0, high = 0;  ///< all pixels with a weight lie in [low, high)

  /// `start` and `length` of the region in pixels of a line of `extent`; `samples` a bin, 0 for
  /// ceil(length / bins).
  void set(T start, T length, int bins, int samples, int extent);

 private:
  std::vector<int> tap_pixel_;
  std::vector<T> tap_weight_;
};

extern template struct PoolingBins<float>;
extern template struct PoolingBins<double>;

}  // namespace canopy
