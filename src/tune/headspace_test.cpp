// SPDX-License-Identifier: Apache-2.0
#include "tune/headspace.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/threads.h"
#include "store/slow_store_for_test.h"
#include "train/tiny_run.h"
#include "tune/training_rig.h"

namespace canopy {
namespace {

using testing::HasSubstr;

/// The headspace of four tiny tiles behind a store and in front of a model of these delays.
Headspace measured(double store_s, double model_s, LoaderOptions loader) {
  const TinyData tiny("headspace", LabelKind::Mask);
  SlowStore store(*tiny.store, SlowStore::Seconds(store_s));
  const auto open = [&] {
    return std::make_unique<Loader>(
        store, tiny.data().refs, sequential_order(4), loader, Normalisation(), 1);
  };
  const auto model = [&](const Batch&) {
    std::this_thread::sleep_for(SlowStore::Seconds(model_s));
  };
  return measure_headspace(open, model, loader, {.seconds = 0.5}, no_progress());
}

LoaderOptions small_loader() {
  LoaderOptions options = tiny_options().loader;
  options.threads = 1;
  options.fetch_threads = 1;
  return options;
}

TEST(Headspace, a_slow_store_needs_more_requests_in_flight) {
  const Headspace space = measured(0.02, 0.004, small_loader());
  EXPECT_EQ(space.bottleneck, Bottleneck::Fetch);
  EXPECT_NEAR(space.loader_per_s, 50, 10);
  EXPECT_GT(space.waiting_share, 0.5);
  EXPECT_GE(space.fetch_threads, 8) << "500 samples a second at 20 ms each";
  EXPECT_EQ(space.decode_threads, 1);
  EXPECT_GT(space.expected_per_s, 3 * space.together_per_s);
  EXPECT_THAT(space.verdict, HasSubstr("fetch threads instead of 1"));
}

TEST(Headspace, a_slow_model_is_the_limit_itself) {
  const Headspace space = measured(0, 0.1, small_loader());
  EXPECT_EQ(space.bottleneck, Bottleneck::Model);
  EXPECT_NEAR(space.model_per_s, 20, 3);
  EXPECT_LT(space.waiting_share, 0.02);
  EXPECT_NEAR(space.together_per_s, space.model_per_s, 2);
  EXPECT_THAT(space.verdict, HasSubstr("the model is the limit"));
}

TEST(Headspace, too_few_decode_threads_are_found) {
  if (available_cores() < 2) GTEST_SKIP() << "one core: there is no second thread to ask for";
  LoaderOptions loader = small_loader();
  loader.crop.size_px = 512;  // much to make of a sample, nothing to do with it
  const Headspace space = measured(0, 0, loader);
  EXPECT_EQ(space.bottleneck, Bottleneck::Decode);
  EXPECT_EQ(space.fetch_threads, 1);
  EXPECT_GE(space.decode_threads, 2);
  EXPECT_THAT(space.verdict, HasSubstr("decode threads instead of 1"));
}

TEST(Headspace, the_verdict_says_how_many_threads_and_what_they_bring) {
  Headspace space;
  space.model_per_s = 61, space.loader_per_s = 20, space.together_per_s = 20;
  space.waiting_share = 0.6;
  space.cores = 8;
  space.fetch = {0.001, 2, 2000};
  space.decode = {0.05, 1, 20};
  judge(space);
  EXPECT_EQ(space.bottleneck, Bottleneck::Decode);
  EXPECT_EQ(space.decode_threads, 4);
  EXPECT_EQ(space.verdict,
            "the loader gives 20.0/s, the model could eat 61.0/s: 4 decode threads instead of 1 "
            "(loader-threads); estimated +205 %");
  space.decode = {0.05, 8, 160};
  space.together_per_s = 40;
  judge(space);
  EXPECT_EQ(space.bottleneck, Bottleneck::Cores);
  EXPECT_THAT(space.verdict, HasSubstr("all 8 cores are busy"));
}

TEST(Headspace, of_a_training_is_measured_without_leaving_a_trace) {
  const TinyData tiny("rig", LabelKind::Mask);
  const TrainingData data = tiny.data();
  TrainingRig rig(data, tiny_options());
  const Headspace space = measure_headspace([&] { return rig.open_loader(); },
                                            [&](const Batch& batch) { rig.step(batch); },
                                            rig.options().loader,
                                            {.seconds = 0.2},
                                            no_progress());
  EXPECT_GT(space.model_per_s, 0);
  EXPECT_GT(space.loader_per_s, 0);
  EXPECT_GT(space.bytes_per_s, 0);
  EXPECT_GT(space.cpu_share, 0);
  EXPECT_FALSE(std::filesystem::exists(tiny.run("")));
}

TEST(Headspace, impossible_requests_are_refused) {
  EXPECT_THROW((HeadspaceOptions{0, 4}.validate()), Error);
  EXPECT_THROW((HeadspaceOptions{1, 0}.validate()), Error);
}

}  // namespace
}  // namespace canopy
