// SPDX-License-Identifier: Apache-2.0
#include "train/schedule.h"

#include <functional>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/options.h"

namespace canopy {
namespace {

TEST(Schedule, epochs_become_steps_and_steps_go_before_them) {
  TrainOptions options;
  options.epochs = 2.5;
  options.loader.batch = 4;
  EXPECT_EQ(Schedule(options, 16).total_steps(), 10);
  options.steps = 7;
  EXPECT_EQ(Schedule(options, 16).total_steps(), 7);
  options.steps = 0;
  options.minutes = 1;
  EXPECT_EQ(Schedule(options, 16).total_steps(), 0);
  EXPECT_TRUE(Schedule(options, 16).is_over(3, 60));
  EXPECT_FALSE(Schedule(options, 16).is_over(1'000'000, 59));
}

TEST(Schedule, the_limit_that_comes_first_ends_the_run) {
  TrainOptions options;
  options.steps = 100;
  options.minutes = 1;
  const Schedule schedule(options, 1);
  EXPECT_TRUE(schedule.is_over(100, 10));
  EXPECT_TRUE(schedule.is_over(10, 60));
  EXPECT_DOUBLE_EQ(schedule.progress(10, 30), 0.5);
  EXPECT_DOUBLE_EQ(schedule.seconds_left(10, 15), 45);
}

TEST(Schedule, the_learning_rate_rises_and_falls) {
  TrainOptions options;
  options.steps = 1000;
  options.lr = 1e-3;
  options.warm_up = 50;
  const Schedule schedule(options, 1);
  EXPECT_NEAR(schedule.learning_rate(0, 0), 1e-3 / 50, 1e-9);
  EXPECT_NEAR(schedule.learning_rate(49, 0), 1e-3, 1e-5);
  EXPECT_NEAR(schedule.learning_rate(500, 0), 1e-3 * 0.505, 1e-9);
  EXPECT_NEAR(schedule.learning_rate(1000, 0), 1e-5, 1e-9);
  for (int step = 51; step < 1000; ++step)
    EXPECT_LE(schedule.learning_rate(step, 0), schedule.learning_rate(step - 1, 0));
}

TEST(Schedule, impossible_options_are_refused) {
  const std::vector<std::function<void(TrainOptions&)>> mistakes = {
      [](auto& o) { o.epochs = 0; },
      [](auto& o) { o.steps = -1; },
      [](auto& o) { o.lr = 0; },
      [](auto& o) { o.lr_end = 2; },
      [](auto& o) { o.weight_decay = -1; },
      [](auto& o) { o.clip = 0; },
      [](auto& o) { o.warm_up = -1; },
      [](auto& o) { o.average = 1; },
      [](auto& o) { o.loss_mask = -1; },
      [](auto& o) { o.seed = -1; },
      [](auto& o) { o.threads = -1; },
      [](auto& o) { o.checkpoint_every = 0; },
      [](auto& o) { o.eval_every = -1; },
      [](auto& o) { o.eval_tiles = -1; },
      [](auto& o) { o.usd_per_hour = -1; },
      [](auto& o) { o.name = "../walnut"; },
      [](auto& o) { o.loader.batch = 0; },
      [](auto& o) { o.loader.crop.crown_px = 0; }};
  EXPECT_NO_THROW(TrainOptions{}.validate());
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    TrainOptions options;
    mistakes[i](options);
    EXPECT_THROW(options.validate(), Error) << i;
  }
}

TEST(TrainOptions, come_back_from_their_own_toml) {
  TrainOptions options;
  options.steps = 77;
  options.loader.crop.augmentation.blur = 0.5;
  options.network.max_detections = 123;
  const std::string path = ::testing::TempDir() + "train_options.toml";
  write_file(path, Fields(options).to_toml());
  TrainOptions again;
  Fields(again).set_from_toml(path);
  EXPECT_EQ(again.steps, 77);
  EXPECT_EQ(again.loader.crop.augmentation.blur, 0.5);
  EXPECT_EQ(again.network.max_detections, 123);
}

}  // namespace
}  // namespace canopy
