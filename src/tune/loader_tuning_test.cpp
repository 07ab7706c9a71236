// SPDX-License-Identifier: Apache-2.0
#include "tune/loader_tuning.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/options.h"
#include "store/slow_store_for_test.h"
#include "train/tiny_run.h"

namespace canopy {
namespace {

/// 8 cores, reads of 50 ms, 10 ms to decode, a consumer of 4 ms on one thread and 1 ms on eight.
StageCosts planted_costs() {
  StageCosts costs;
  costs.cores = 8;
  costs.batch = 8;
  costs.fetch_s = 0.05;
  costs.decode_s = 0.01;
  costs.consumer = {{1, {0.004, 0.004}}, {2, {0.0025, 0.004}}, {8, {0.001, 0.006}}};
  return costs;
}

TEST(LoaderSetting, the_slowest_stage_sets_the_predicted_rate) {
  const StageCosts costs = planted_costs();
  EXPECT_NEAR(predicted_per_s(costs, {2, 8, 8, 8}), 2 / 0.05, 2) << "two reads in flight";
  EXPECT_NEAR(predicted_per_s(costs, {64, 1, 8, 8}), 1 / 0.01, 5) << "one thread that decodes";
  EXPECT_NEAR(predicted_per_s(costs, {64, 8, 8, 1}), 1 / 0.004, 10) << "the consumer";
  EXPECT_NEAR(predicted_per_s(costs, {64, 8, 8, 8}), 8 / 0.016, 20) << "the cores";
  EXPECT_NEAR(predicted_per_s(costs, {64, 8, 1, 8}), 8 / 0.05, 10) << "a window of eight samples";
}

TEST(LoaderSetting, the_search_finds_the_best_of_the_grid) {
  const StageCosts costs = planted_costs();
  const SettingBounds bounds{128, 8, 16, 8};
  double most = 0;
  for (const LoaderSetting& setting : bounds.all())
    most = std::max(most, predicted_per_s(costs, setting));
  const std::vector<LoaderSetting> best = best_predicted(costs, bounds, 4);
  ASSERT_EQ(best.size(), 4u);
  EXPECT_GE(predicted_per_s(costs, best[0]), 0.99 * most);
  EXPECT_EQ(best, best_predicted(costs, bounds, 4)) << "the same for the same costs";
}

TEST(LoaderSetting, one_core_leaves_reads_and_batches_to_choose) {
  StageCosts costs = planted_costs();
  costs.cores = 1;
  for (const LoaderSetting& setting : best_predicted(costs, {8, 1, 8, 1}, 3)) {
    EXPECT_EQ(setting.loader_threads, 1);
    EXPECT_EQ(setting.threads, 1);
  }
}

TEST(LoaderSetting, is_a_config_of_train) {
  LoaderSetting setting{16, 2, 8, 4};
  const std::string toml = Fields(setting).to_toml();
  TrainOptions options;
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "tuned.toml";
  std::ofstream(file) << toml;
  Fields(options).set_from_toml(file.string());
  EXPECT_EQ(setting_of(options, 2, 8), setting);
}

TEST(LoaderSetting, zeros_are_what_training_makes_of_them) {
  EXPECT_EQ(setting_of(TrainOptions{}, 32, 8), (LoaderSetting{32, 7, 4, 8}));
}

/// Four tiny tiles behind a store and in front of a simulated consumer.
LoaderTuning tuned(double store_s, double consumer_per_s, const LoaderTuningOptions& options) {
  const TinyData tiny("tuning", LabelKind::Mask);
  SlowStore store(*tiny.store, SlowStore::Seconds(store_s));
  LoaderOptions loader = tiny_options().loader;
  const LoaderTrial trial = {
      [&](const LoaderSetting& setting) {
        loader.fetch_threads = setting.fetch_threads;
        loader.threads = setting.loader_threads;
        loader.prefetch = setting.prefetch;
        return std::make_unique<Loader>(
            store, tiny.data().refs, sequential_order(4), loader, Normalisation(), 1);
      },
      simulated_consumer(consumer_per_s, loader.batch),
      {1, 1, 2, 1},
      loader.batch,
      1,
      2};
  return tune_loader(trial, options, no_progress());
}

TEST(LoaderTuning, a_slow_store_is_hidden_by_as_many_reads_as_the_consumer_needs) {
  const LoaderTuning tuning = tuned(0.03, 200, {.seconds = 0.4, .candidates = 2, .rounds = 1});
  EXPECT_NEAR(tuning.costs.fetch_s, 0.03, 0.01);
  EXPECT_NEAR(tuning.costs.consumer.at(1).wall_s, 0.005, 0.001);
  EXPECT_NEAR(tuning.in_use.per_s.median, 1 / 0.03, 8) << "one read at a time";
  EXPECT_EQ(tuning.best.setting.fetch_threads, 8) << "200 a second at 30 ms each are 6 at once";
  EXPECT_GE(tuning.best.setting.prefetch, 4) << "a window of 8 samples, two in a batch";
  EXPECT_GT(tuning.best.per_s.median, 0.85 * 200);
}

TEST(LoaderTuning, is_held_against_the_whole_grid) {
  const LoaderTuning tuning = tuned(0.01,
                                    100,
                                    {.seconds = 0.1,
                                     .candidates = 2,
                                     .rounds = 1,
                                     .most_fetch_threads = 4,
                                     .most_prefetch = 2,
                                     .exhaustive = true});
  EXPECT_EQ(tuning.grid.size(), 3u * 2u);
  EXPECT_GT(tuning.share_of_optimum, 0.8);
}

TEST(LoaderTuning, impossible_requests_are_refused) {
  EXPECT_THROW(LoaderTuningOptions{.seconds = 0}.validate(), Error);
  EXPECT_THROW(LoaderTuningOptions{.candidates = 0}.validate(), Error);
  EXPECT_THROW(LoaderTuningOptions{.rounds = 0}.validate(), Error);
  EXPECT_THROW(LoaderTuningOptions{.most_fetch_threads = -1}.validate(), Error);
  EXPECT_THROW(LoaderTuningOptions{.most_prefetch = 0}.validate(), Error);
}

}  // namespace
}  // namespace canopy
