// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/mask_rcnn.h"

namespace canopy {

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay =
      1e-2;  ///< of tensors with more than one dimension; none of biases and scales
};

/// AdamW (Loshchilov and Hutter 2019) over named tensors, by LibTorch's fused kernel. Its state is
/// named tensors too.
class AdamW {
 public:
  /// The tensors of `weights` that `names` lists; they are changed in place.
  AdamW(const NamedTensors& weights, const std::vector<std::string>& names, AdamWOptions options);

  /// Divides the gradients by `scale`, that of the loss they are of. Returns their norm; where it
  /// exceeds `largest`, they are shortened to that. Tensors without a gradient are passed over.
  double clip_gradients(double largest, double scale = 1);
  void step(double learning_rate);
  void drop_gradients();

  /// "mean/NAME", "square/NAME" and the number of steps: all of the state.
  NamedTensors state() const;
  std::int64_t steps() const { return steps_; }
  /// Throws User, naming the tensor that is missing or of another shape.
  void restore(const NamedTensors& state, std::int64_t steps);

 private:
  struct Group {
    double weight_decay = 0;
    std::vector<std::size_t> members;
  };
  std::vector<std::string> names_;
  std::vector<at::Tensor> weights_, means_, squares_;
  std::vector<Group> groups_;
  AdamWOptions options_;
  std::int64_t steps_ = 0;
};

}  // namespace canopy
