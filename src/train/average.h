// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/mask_rcnn.h"

namespace canopy {

/// The running average of the weights: steadier than the last step's, and often better (Polyak and
/// Juditsky 1992). Its decay grows with the steps, so that the random start is soon forgotten.
class WeightAverage {
 public:
  WeightAverage(const NamedTensors& weights, const std::vector<std::string>& names, double decay);
  /// After step `step` (1 and up).
  void update(std::int64_t step);
  /// The averages by name, without gradients.
  const NamedTensors& averages() const { return averages_; }
  /// All of `weights` with the averages in their places, copied.
  NamedTensors averaged(const NamedTensors& weights) const;
  /// Throws User, naming the tensor that is missing or of another shape.
  void restore(const NamedTensors& averages);

 private:
  NamedTensors averages_;
  std::vector<at::Tensor> sources_, targets_;
  double decay_;
};

}  // namespace canopy
