// SPDX-License-Identifier: Apache-2.0
#include "tune/step_bench.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

StepBenchOptions small_options() {
  StepBenchOptions options;
  options.size_px = 64;
  options.batch = 1;
  options.instances = 3;
  options.threads = 1;
  options.warm_up = 0;
  options.repeat = 2;
  options.profile = true;
  return options;
}

MaskRcnnConfig small_config() {
  MaskRcnnConfig config;
  config.fpn_channels = config.box_head_channels = config.mask_head_channels = 16;
  config.proposals_before_nms = 100, config.proposals_after_nms = 40;
  return config;
}

TEST(StepBench, pictures_have_the_crowns_asked_for) {
  StepBenchOptions options = small_options();
  options.size_px = 256, options.batch = 2, options.instances = 20;
  const Batch batch = bench_batch(options, 5, 7);
  EXPECT_EQ(batch.planes.sizes(), (std::vector<std::int64_t>{2, 5, 256, 256}));
  for (int n = 0; n < 2; ++n) {
    EXPECT_GT(batch.labels[n].boxes.size(0), 12);
    EXPECT_EQ(batch.labels[n].boxes.size(0),
              std::get<0>(at::_unique(batch.id_maps[n])).numel() - 1);
  }
  EXPECT_FALSE(at::equal(batch.id_maps[0], batch.id_maps[1]));
}

TEST(StepBench, tells_each_call_and_where_its_time_went) {
  const StepTimes times = bench_train_step(small_config(), small_options());
  EXPECT_EQ(times.seconds.size(), 2u);
  EXPECT_LE(times.min_s, times.median_s);
  EXPECT_GT(times.by_operation.at("aten::convolution_backward").self_s +
                times.by_operation.at("aten::mkldnn_convolution").self_s,
            0);
  double inside = 0;
  for (const auto& [name, time] : times.by_operation) inside += time.self_s;
  EXPECT_LT(inside, 20 * times.median_s);
  EXPECT_GT(bench_detect(small_config(), small_options()).flop, 0);
}

TEST(StepBench, counts_the_operations_of_products_and_convolutions) {
  const at::Tensor a = at::rand({3, 5}), b = at::rand({5, 7});
  const at::Tensor x = at::rand({2, 4, 10, 6}), w = at::rand({8, 4, 3, 3});
  const OpProfile profile;
  at::mm(a, b);
  EXPECT_EQ(profile.flop(), 2 * 3 * 5 * 7);
  at::conv2d(x, w, {}, 2, 1);
  EXPECT_EQ(profile.flop(), 2 * 3 * 5 * 7 + 2 * (2 * 5 * 3) * (8 * 4 * 9));
  EXPECT_EQ(profile.times().at("aten::mm").calls, 1);
}

TEST(StepBench, refuses_what_cannot_be_run) {
  StepBenchOptions options = small_options();
  options.size_px = 100;
  EXPECT_THROW(bench_detect(small_config(), options), Error);
  options = small_options();
  options.repeat = 0;
  EXPECT_THROW(bench_detect(small_config(), options), Error);
}

}  // namespace
}  // namespace canopy
