// SPDX-License-Identifier: Apache-2.0
#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "nn/device.h"

namespace canopy {

void TrainOptions::validate() const {
  require(steps >= 0 && epochs >= 0 && minutes >= 0,
          "steps, epochs and minutes must not be negative");
  require(steps > 0 || epochs > 0 || minutes > 0, "give steps, epochs or minutes to train for");
  require(lr > 0 && lr <= 1, "lr must lie in (0, 1]");
  require(lr_end >= 0 && lr_end <= 1, "lr-end must lie in [0, 1]");
  require(weight_decay >= 0 && weight_decay < 1, "weight-decay must lie in [0, 1)");
  require(clip > 0, "clip must be positive");
  require(warm_up >= 0, "warm-up must not be negative");
  require(average >= 0 && average < 1, "average must lie in [0, 1)");
  for (const double weight : {loss_objectness, loss_rpn_box, loss_classifier, loss_box, loss_mask})
    require(weight >= 0, "weights of losses must not be negative");
  require(seed >= 0, "seed must not be negative");
  require(loader.crop.crown_px > 0, "crown-px: a model is trained at one size of crowns, not at 0");
  require(threads >= 0, "threads must not be negative");
  require(
      precision == "auto" || precision == "fp32" || precision == "bf16" || precision == "fp16",
      [&] { return "precision '" + precision + "' is not known; use fp32, bf16, fp16 or auto"; });
  (void)device_of(device);
  require(!deterministic || minutes == 0,
          "deterministic: a limit in minutes follows the clock; give steps or epochs");
  require(!deterministic || precision != "auto",
          "deterministic: precision=auto follows the clock; name one");
  require(checkpoint_every > 0, "checkpoint-every must be positive");
  require(eval_every >= 0, "eval-every must not be negative");
  require(eval_tiles >= 0, "eval-tiles must not be negative");
  require(usd_per_hour >= 0, "usd-per-hour must not be negative");
  require(name.find('/') == std::string::npos && !name.starts_with('.'),
          [&] { return "name: '" + name + "' cannot name a file; leave out '/' and a first '.'"; });
  trace.validate();
  loader.validate();
  network.validate();
}

Schedule::Schedule(const TrainOptions& options, std::int64_t examples)
    : warm_up_(options.warm_up),
      total_seconds_(options.minutes * 60),
      lr_(options.lr),
      lr_end_(options.lr_end) {
  if (options.steps > 0)
    total_steps_ = options.steps;
  else if (options.minutes <= 0)
    total_steps_ = std::max<std::int64_t>(
        1, std::llround(options.epochs * static_cast<double>(examples) / options.loader.batch));
}

double Schedule::progress(std::int64_t step, double seconds) const {
  const double by_step =
      total_steps_ > 0 ? static_cast<double>(step) / static_cast<double>(total_steps_) : 0;
  const double by_time = total_seconds_ > 0 ? seconds / total_seconds_ : 0;
  return std::max(by_step, by_time);
}

double Schedule::learning_rate(std::int64_t step, double seconds) const {
  const double rise =
      warm_up_ > 0 ? std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(warm_up_))
                   : 1.0;
  const double fall = (1 + std::cos(std::numbers::pi * std::min(1.0, progress(step, seconds)))) / 2;
  return lr_ * rise * (lr_end_ + (1 - lr_end_) * fall);
}

double Schedule::seconds_left(std::int64_t step, double seconds) const {
  const double done = progress(step, seconds);
  return done > 0 ? seconds * (1 - done) / done : -1;
}

}  // namespace canopy
