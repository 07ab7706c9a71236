// SPDX-License-Identifier: Apache-2.0
#include "train/step.h"

#include <cmath>

#include <ATen/ATen.h>

#include "base/trace.h"

namespace canopy {

std::vector<Targets> targets_of(const Batch& batch) {
  std::vector<Targets> targets;
  for (std::size_t i = 0; i < batch.labels.size(); ++i) {
    const SampleLabels& labels = batch.labels[i];
    const auto row = static_cast<std::int64_t>(i);
    targets.push_back({labels.kind == "mask",
                       labels.boxes,
                       labels.classes,
                       labels.object_ids,
                       batch.id_maps[row],
                       batch.ignore[row],
                       labels.kind != "point"});
  }
  return targets;
}

namespace {

std::vector<double> own_losses(const Losses& losses, const TrainOptions& options) {
  const at::Tensor weights = at::tensor({options.loss_objectness,
                                         options.loss_rpn_box,
                                         options.loss_classifier,
                                         options.loss_box,
                                         options.loss_mask},
                                        at::kDouble);
  const at::Tensor own = losses.by_picture.to(at::kCPU, at::kDouble).mv(weights);
  const double* first = own.const_data_ptr<double>();
  return {first, first + own.numel()};
}

}  // namespace

StepOutcome train_step(const MaskRcnn& network,
                       const Batch& batch,
                       const TrainOptions& options,
                       double learning_rate,
                       std::uint64_t seed,
                       AdamW& optimiser,
                       StepPrecision& precision) {
  const Losses losses = [&] {
    const TraceSpan span("forward");
    const PrecisionScope scope(precision.precision);
    return network.losses(batch.planes, targets_of(batch), seed);
  }();
  const at::Tensor total = losses.objectness * options.loss_objectness +
                           losses.rpn_box * options.loss_rpn_box +
                           losses.classifier * options.loss_classifier +
                           losses.box * options.loss_box + losses.mask * options.loss_mask;
  StepOutcome outcome;
  outcome.figures = {{"loss", total.item<double>()},
                     {"loss_objectness", losses.objectness.item<double>()},
                     {"loss_rpn_box", losses.rpn_box.item<double>()},
                     {"loss_classifier", losses.classifier.item<double>()},
                     {"loss_box", losses.box.item<double>()},
                     {"loss_mask", losses.mask.item<double>()}};
  outcome.own_losses = own_losses(losses, options);
  outcome.was_skipped = !std::isfinite(outcome.figures["loss"]);
  if (outcome.was_skipped) return outcome;
  const bool is_scaled = precision.precision == Precision::Fp16;
  const double scale = is_scaled ? precision.scaler.scale() : 1;
  {
    const TraceSpan span("backward");
    (is_scaled ? total * scale : total).backward();
  }
  const TraceSpan span("optimiser");
  if (is_scaled) outcome.figures["loss_scale"] = scale;
  const double norm = optimiser.clip_gradients(options.clip, scale);
  outcome.figures["grad_norm"] = norm;
  outcome.was_skipped = !std::isfinite(norm);
  outcome.has_overflowed = outcome.was_skipped && is_scaled && scale > 1;
  if (!outcome.was_skipped) optimiser.step(learning_rate);
  optimiser.drop_gradients();
  if (is_scaled && outcome.was_skipped) precision.scaler.overflow();
  if (is_scaled && !outcome.was_skipped) precision.scaler.good_step();
  return outcome;
}

}  // namespace canopy
