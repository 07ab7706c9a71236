// SPDX-License-Identifier: Apache-2.0
#include "registry/run_cost.h"

#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

CostSheet sheet(double usd, std::int64_t seen, std::int64_t dataset, double hours) {
  CostSheet one;
  one.usd = usd;
  one.examples_seen = seen;
  one.dataset_examples = dataset;
  one.wall_s = hours * 3600;
  one.usd_per_hour = usd / hours;
  return one;
}

TEST(RunCost, the_public_case_splits_into_its_factors) {
  // $122 for all of 228,000 examples once; later $68 for 1.1 million of 3.1 million.
  const CostSheet before = sheet(122, 228'000, 228'000, 40),
                  now = sheet(68, 1'100'000, 3'100'000, 22);
  EXPECT_NEAR(before.usd_per_example_seen(), 535e-6, 1e-6);
  EXPECT_NEAR(now.usd_per_example_seen(), 61.8e-6, 1e-7);
  EXPECT_NEAR(now.share_seen(), 0.355, 1e-3);
  const CostComparison factors = compare(before, now);
  EXPECT_NEAR(factors.per_dataset_example, 24.4, 0.05);
  EXPECT_NEAR(factors.per_example_seen, 8.66, 0.01);
  EXPECT_NEAR(factors.by_share_seen, 2.82, 0.01);
  EXPECT_NEAR(factors.per_dataset_example, factors.per_example_seen * factors.by_share_seen, 1e-9);
  EXPECT_NEAR(factors.per_example_seen, factors.by_speed * factors.by_price, 1e-9);
}

TEST(RunCost, what_is_not_known_is_no_factor) {
  const CostComparison factors = compare(sheet(0, 100, 100, 1), sheet(1, 0, 100, 1));
  EXPECT_EQ(factors.total, 0);
  EXPECT_EQ(factors.per_example_seen, 0);
  EXPECT_EQ(factors.by_speed, 0);
}

TEST(RunCost, is_read_from_the_registry_and_may_be_priced_anew) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) /
                                     ("cost-" + std::to_string(::getpid()) + ".sqlite");
  const auto registry = Registry::open(file.string());
  registry->record_dataset(
      {{"id", std::string(64, 'a')},
       {"name", "walnuts"},
       {"query", "SELECT * FROM examples"},
       {"counts", {{"tiles", 500}, {"splits", {{"train", {{"tiles", 400}}}}}}}},
      std::string(64, 'b'),
      "datasets/walnuts");
  registry->begin_run({{"id", "walnuts-1"}, {"dataset_id", std::string(64, 'a')}});
  RunCost cost;
  cost.wall_s = 7200, cost.examples_seen = 200, cost.usd = 6;
  registry->finish_run("walnuts-1", RunStatus::Done, cost);
  const RunRecord run = registry->find_run("walnuts-1").value();
  const CostSheet recorded = cost_sheet(*registry, run);
  EXPECT_EQ(recorded.usd, 6);
  EXPECT_EQ(recorded.usd_per_hour, 3);
  EXPECT_EQ(recorded.dataset_examples, 400);
  EXPECT_EQ(recorded.share_seen(), 0.5);
  EXPECT_EQ(cost_sheet(*registry, run, 1.5).usd, 3);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace canopy
