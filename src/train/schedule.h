// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "train/train_options.h"

namespace canopy {

/// When a run ends and how fast it learns until then.
class Schedule {
 public:
  /// `examples`: training tiles of an epoch.
  Schedule(const TrainOptions& options, std::int64_t examples);

  /// Steps that make the run whole, or 0 when only time limits it.
  std::int64_t total_steps() const { return total_steps_; }
  /// 0 at the start, 1 at the end: of the steps or of the time, whichever is further.
  double progress(std::int64_t step, double seconds) const;
  bool is_over(std::int64_t step, double seconds) const { return progress(step, seconds) >= 1; }
  /// Linear warm-up, then half a cosine down to `lr_end` (Loshchilov and Hutter 2017).
  double learning_rate(std::int64_t step, double seconds) const;
  /// Seconds left, judged by the pace so far; negative while it cannot be told.
  double seconds_left(std::int64_t step, double seconds) const;

 private:
  std::int64_t total_steps_ = 0, warm_up_;
  double total_seconds_, lr_, lr_end_;
};

}  // namespace canopy
