// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace canopy {

/// The factor by which the loss is multiplied before the gradients, so that small ones do not
/// vanish in fp16 (Micikevicius et al. 2018). It falls to half when a gradient overflows (that step
/// is skipped) and doubles after `growth_steps` without one.
class LossScaler {
 public:
  explicit LossScaler(double scale = 65536, int growth_steps = 2000)
      : scale_(scale), growth_steps_(growth_steps) {}

  double scale() const { return scale_; }
  /// After a step whose gradients were all finite.
  void good_step();
  /// After one that overflowed. Never below 1.
  void overflow();

  /// For the checkpoint.
  int good_steps() const { return good_steps_; }
  void restore(double scale, int good_steps);

 private:
  double scale_;
  int growth_steps_, good_steps_ = 0;
};

}  // namespace canopy
