// SPDX-License-Identifier: Apache-2.0
#include "train/auto_precision.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include <ATen/ATen.h>

#include "base/log.h"
#include "train/step.h"

namespace canopy {
namespace {

constexpr double kWorthIt = 1.1;

double seconds_of_a_step(const MaskRcnn& network, const Batch& batch, Precision precision) {
  using Clock = std::chrono::steady_clock;
  const std::vector<Targets> targets = targets_of(batch);
  double fastest = std::numeric_limits<double>::infinity();
  for (int call = 0; call < 3; ++call) {
    const auto start = Clock::now();
    at::Tensor total;
    {
      const PrecisionScope scope(precision);
      total = network.losses(batch.planes, targets, 1).total();
    }
    total.backward();
    const double s = std::chrono::duration<double>(Clock::now() - start).count();
    if (call > 0) fastest = std::min(fastest, s);
    for (const std::string& name : network.trainable())
      at::Tensor(network.weights().at(name)).mutable_grad() = at::Tensor();
  }
  return fastest;
}

}  // namespace

Precision measure_precision(const MaskRcnn& network, const Batch& batch) {
  const double fp32_s = seconds_of_a_step(network, batch, Precision::Fp32);
  const double bf16_s = seconds_of_a_step(network, batch, Precision::Bf16);
  const Precision chosen = fp32_s >= kWorthIt * bf16_s ? Precision::Bf16 : Precision::Fp32;
  log_info("precision: " + name_of(chosen) + "; a step takes " + std::to_string(fp32_s) +
           " s in fp32, " + std::to_string(bf16_s) + " s in bf16");
  return chosen;
}

}  // namespace canopy
