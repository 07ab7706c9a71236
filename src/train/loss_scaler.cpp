// SPDX-License-Identifier: Apache-2.0
#include "train/loss_scaler.h"

#include <algorithm>

namespace canopy {
namespace {

constexpr double kLargest = 16777216;  // 2^24: beyond, a float32 gradient loses its own digits

}  // namespace

void LossScaler::good_step() {
  if (++good_steps_ < growth_steps_) return;
  scale_ = std::min(kLargest, 2 * scale_);
  good_steps_ = 0;
}

void LossScaler::overflow() {
  scale_ = std::max(1.0, scale_ / 2);
  good_steps_ = 0;
}

void LossScaler::restore(double scale, int good_steps) {
  scale_ = scale;
  good_steps_ = good_steps;
}

}  // namespace canopy
