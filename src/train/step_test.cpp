// SPDX-License-Identifier: Apache-2.0
#include "train/step.h"

#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "train/tiny_run.h"

namespace canopy {
namespace {

/// One picture with a bright square, a network, and its optimiser.
struct Setting {
  TrainOptions options = tiny_options();
  MaskRcnn network{options.network, 1};
  AdamW optimiser{network.weights(), network.trainable(), {}};
  Batch batch;

  Setting() {
    batch.planes = at::full({1, 5, 64, 64}, -0.5);
    batch.planes.slice(2, 20, 44).slice(3, 20, 44).fill_(1);
    batch.id_maps = at::zeros({1, 64, 64}, at::kInt);
    batch.id_maps.slice(1, 20, 44).slice(2, 20, 44).fill_(1);
    batch.ignore = at::zeros({1, 64, 64}, at::kBool);
    batch.labels = {{"mask",
                     at::tensor({20.f, 20.f, 44.f, 44.f}).view({1, 4}),
                     at::ones({1}, at::kLong),
                     at::ones({1}, at::kLong),
                     "square"}};
  }
  StepOutcome step(StepPrecision& precision) {
    return train_step(network, batch, options, 1e-3, 7, optimiser, precision);
  }
  at::Tensor some_weights() const {
    return network.weights().at("roi_heads.box_head.fc6.weight").detach().clone();
  }
};

TEST(Step, sixteen_bits_give_nearly_the_losses_and_gradients_of_thirty_two) {
  Setting exact;
  StepPrecision fp32;
  const auto wanted = exact.step(fp32).figures;
  for (const Precision precision : {Precision::Bf16, Precision::Fp16}) {
    Setting setting;
    StepPrecision reduced{precision};
    StepOutcome outcome = setting.step(reduced);
    while (outcome.has_overflowed) outcome = setting.step(reduced);  // until the scale fits
    EXPECT_FALSE(outcome.was_skipped) << name_of(precision);
    for (const char* name :
         {"loss_objectness", "loss_rpn_box", "loss_classifier", "loss_mask", "grad_norm"})
      EXPECT_NEAR(outcome.figures.at(name), wanted.at(name), 0.05 * wanted.at(name) + 1e-3)
          << name << " in " << name_of(precision);
    EXPECT_EQ(setting.some_weights().scalar_type(), at::kFloat);
    EXPECT_FALSE(at::equal(setting.some_weights(), Setting().some_weights())) << "it learnt";
  }
}

TEST(Step, a_gradient_that_overflows_skips_the_step_and_halves_the_scale) {
  Setting setting;
  const at::Tensor before = setting.some_weights();
  StepPrecision precision{Precision::Fp16, LossScaler(4194304)};
  const StepOutcome outcome = setting.step(precision);
  EXPECT_TRUE(outcome.was_skipped && outcome.has_overflowed);
  EXPECT_TRUE(std::isfinite(outcome.figures.at("loss")));
  EXPECT_EQ(precision.scaler.scale(), 2097152);
  EXPECT_TRUE(at::equal(setting.some_weights(), before));
  EXPECT_EQ(setting.optimiser.steps(), 0);
  int skipped = 1;
  while (setting.step(precision).was_skipped) ++skipped;
  EXPECT_GT(skipped, 1);
  EXPECT_FALSE(at::equal(setting.some_weights(), before)) << "in the end it goes on";
}

TEST(Step, a_loss_that_is_no_number_is_no_overflow) {
  Setting setting;
  setting.batch.planes.fill_(NAN);
  StepPrecision precision{Precision::Fp16};
  const StepOutcome outcome = setting.step(precision);
  EXPECT_TRUE(outcome.was_skipped);
  EXPECT_FALSE(outcome.has_overflowed);
}

}  // namespace
}  // namespace canopy
