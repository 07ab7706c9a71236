// SPDX-License-Identifier: Apache-2.0
#include "train/loss_scaler.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

TEST(LossScaler, halves_on_overflow_and_never_falls_below_one) {
  LossScaler scaler(4, 10);
  scaler.overflow();
  EXPECT_EQ(scaler.scale(), 2);
  scaler.overflow();
  scaler.overflow();
  EXPECT_EQ(scaler.scale(), 1);
}

TEST(LossScaler, doubles_after_so_many_good_steps_in_a_row) {
  LossScaler scaler(4, 3);
  scaler.good_step();
  scaler.good_step();
  scaler.overflow();  // begins the count anew
  scaler.good_step();
  scaler.good_step();
  EXPECT_EQ(scaler.scale(), 2);
  scaler.good_step();
  EXPECT_EQ(scaler.scale(), 4);
  EXPECT_EQ(scaler.good_steps(), 0);
}

}  // namespace
}  // namespace canopy
