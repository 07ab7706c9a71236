// SPDX-License-Identifier: Apache-2.0
#include "tune/pruning.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

/// Trials whose values at steps 10, 20, ... are these.
std::vector<Trial> trials_of(const std::vector<std::vector<double>>& curves) {
  std::vector<Trial> trials;
  for (const std::vector<double>& curve : curves) {
    Trial trial{.number = std::ssize(trials), .state = TrialState::Pruned};
    for (const double value : curve) trial.reports[10 * (std::ssize(trial.reports) + 1)] = value;
    trials.push_back(trial);
  }
  return trials;
}

bool last_stops(const std::vector<std::vector<double>>& curves, const PruningOptions& options) {
  const std::vector<Trial> trials = trials_of(curves);
  const Trial& last = trials.back();
  return should_stop(trials, last.number, last.reports.rbegin()->first, 10, options);
}

TEST(Pruning, by_the_median_stops_what_is_worse_than_half_of_the_others) {
  const PruningOptions median{.rule = "median", .least = 4};
  EXPECT_TRUE(last_stops({{.1}, {.2}, {.3}, {.4}, {.2}}, median));
  EXPECT_FALSE(last_stops({{.1}, {.2}, {.3}, {.4}, {.3}}, median));
  EXPECT_FALSE(last_stops({{.2}, {.3}, {.4}, {.1}}, median)) << "too few to say";
  EXPECT_FALSE(last_stops({{.0}, {.0}, {.0}, {.0}, {.0}}, median)) << "none is better";
}

TEST(Pruning, by_the_median_counts_the_best_so_far_and_only_those_that_came_that_far) {
  const PruningOptions median{.rule = "median", .least = 2};
  EXPECT_FALSE(last_stops({{.1, .3}, {.2, .4}, {.5, .2}}, median)) << "it was better once";
  EXPECT_TRUE(last_stops({{.1, .6}, {.2, .7}, {.5, .2}}, median));
  EXPECT_FALSE(last_stops({{.9}, {.9}, {.1, .6}, {.5, .2}}, median)) << "one of three came so far";
}

TEST(Pruning, by_halving_keeps_the_best_of_every_few_at_each_rung) {
  const PruningOptions halving{.rule = "halving", .reduction = 2};
  EXPECT_FALSE(last_stops({{.1}}, halving)) << "the first has nobody to be worse than";
  EXPECT_TRUE(last_stops({{.3}, {.1}}, halving));
  EXPECT_FALSE(last_stops({{.3}, {.4}}, halving));
  EXPECT_FALSE(last_stops({{.3}, {.4}, {.1}, {.35}}, halving)) << "two of four";
  EXPECT_TRUE(last_stops({{.3}, {.4}, {.1}, {.25}}, halving));
  EXPECT_TRUE(last_stops({{.3, .5}, {.4, .4}}, halving)) << "step 20 is the second rung";
  EXPECT_FALSE(last_stops({{.1, .2, .9}, {.1, .2, .3}}, halving)) << "step 30 is none";
  EXPECT_FALSE(last_stops({{.3}, {.3}}, halving)) << "as good as another";
}

TEST(Pruning, by_halving_waits_for_as_many_as_it_keeps_one_of) {
  const PruningOptions thirds{.rule = "halving", .reduction = 3};
  EXPECT_FALSE(last_stops({{.3}, {.1}}, thirds));
  EXPECT_TRUE(last_stops({{.3}, {.4}, {.1}}, thirds));
  EXPECT_TRUE(last_stops({{.3}, {.4}, {.35}}, thirds));
}

TEST(Pruning, what_is_not_a_number_is_worth_less_than_any) {
  const PruningOptions median{.rule = "median", .least = 2};
  EXPECT_TRUE(last_stops({{.1}, {.2}, {NAN}}, median));
  EXPECT_FALSE(last_stops({{NAN}, {NAN}, {.0}}, median));
}

TEST(Pruning, may_be_left_out_and_other_rules_are_refused) {
  EXPECT_FALSE(last_stops({{.9}, {.9}, {.9}, {.9}, {.9}, {.1}}, {.rule = "none"}));
  EXPECT_THROW((PruningOptions{.rule = "hyperband"}.validate()), Error);
  EXPECT_THROW((PruningOptions{.least = 0}.validate()), Error);
  EXPECT_THROW((PruningOptions{.reduction = 1}.validate()), Error);
}

}  // namespace
}  // namespace canopy
