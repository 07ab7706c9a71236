// SPDX-License-Identifier: Apache-2.0
#include "tune/parzen_search.h"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

namespace canopy {
namespace {

SearchSpace space_of_four() {
  return {{.name = "lr", .low = 1e-5, .high = 1e-1, .is_log = true},
          {.name = "loss-mask", .low = 0, .high = 4},
          {.name = "batch", .kind = Parameter::Kind::Whole, .low = 1, .high = 16},
          {.name = "sampler", .kind = Parameter::Kind::Choice, .choices = {"a", "b", "c"}}};
}

/// 1 at lr 1e-3, loss-mask 1, batch 6, sampler b; falls to all sides.
double planted(const Setting& setting) {
  const double lr = std::log10(std::stod(setting.at("lr"))) + 3;
  const double mask = std::stod(setting.at("loss-mask")) - 1;
  const double batch = (std::stod(setting.at("batch")) - 6) / 8;
  const double other = setting.at("sampler") == "b" ? 0 : 0.3;
  return 1 - lr * lr / 4 - mask * mask / 4 - batch * batch - other;
}

using Worth = std::function<double(const Setting&)>;

std::vector<Trial> search(const SearchSpace& space,
                          int trials,
                          std::int64_t seed,
                          const Worth& worth) {
  std::vector<Trial> done;
  for (int number = 0; number < trials; ++number) {
    Trial trial{.number = number, .state = TrialState::Complete};
    trial.setting = propose(space, done, number, {.seed = seed});
    trial.value = worth(trial.setting);
    done.push_back(trial);
  }
  return done;
}

double best_value(const std::vector<Trial>& trials) {
  double best = -1e9;
  for (const Trial& trial : trials) best = std::max(best, *trial.value);
  return best;
}

TEST(ParzenSearch, finds_a_planted_optimum_that_random_settings_miss) {
  const ParzenOptions random{.first = 1000};
  double found = 0, drawn = 0;
  for (std::int64_t seed = 1; seed <= 20; ++seed) {
    found += best_value(search(space_of_four(), 60, seed, planted)) / 20;
    double best = -1e9;
    for (int number = 0; number < 60; ++number) {
      ParzenOptions options = random;
      options.seed = seed;
      best = std::max(best, planted(propose(space_of_four(), {}, number, options)));
    }
    drawn += best / 20;
  }
  EXPECT_GT(found, 0.93);
  EXPECT_LT(1 - found, (1 - drawn) / 2) << "random: " << drawn;
}

TEST(ParzenSearch, goes_the_same_way_from_the_same_trials) {
  const std::vector<Trial> whole = search(space_of_four(), 25, 7, planted);
  const std::vector<Trial> before(whole.begin(), whole.begin() + 18);
  EXPECT_EQ(propose(space_of_four(), before, 18, {.seed = 7}), whole[18].setting);
  EXPECT_NE(propose(space_of_four(), before, 18, {.seed = 8}), whole[18].setting);
}

TEST(ParzenSearch, begins_with_settings_that_lie_evenly) {
  const SearchSpace space = {{.name = "x", .low = 0, .high = 1}};
  std::vector<bool> seen(8);
  for (int number = 0; number < 8; ++number) {
    const Setting setting = propose(space, {}, number, {.first = 8});
    seen.at(std::min<std::size_t>(7, static_cast<std::size_t>(std::stod(setting.at("x")) * 8))) =
        true;
  }
  EXPECT_GE(std::ranges::count(seen, true), 7) << "a shift may fall on an edge";
}

TEST(ParzenSearch, learns_from_trials_that_were_stopped_or_failed) {
  const SearchSpace space = {{.name = "x", .low = 0, .high = 1}};
  std::vector<Trial> trials;
  for (int number = 0; number < 12; ++number) {
    Trial trial{.number = number};
    const double x = (number + 0.5) / 12;
    trial.setting = {{"x", std::to_string(x)}};
    trial.state = x > 0.5 ? TrialState::Fail : TrialState::Pruned;
    if (x < 0.5) trial.reports[x < 0.2 ? 20 : 10] = x < 0.2 ? 0.1 : 0.9;  // the later the better
    trials.push_back(trial);
  }
  int low = 0;
  for (int number = 12; number < 42; ++number)
    low += std::stod(propose(space, trials, number, {}).at("x")) < 0.33;
  EXPECT_GT(low, 24);
}

TEST(ParzenSearch, tries_no_setting_twice_while_there_are_others) {
  const SearchSpace space = {{.name = "n", .kind = Parameter::Kind::Whole, .low = 1, .high = 12}};
  const std::vector<Trial> trials =
      search(space, 20, 3, [](const Setting& s) { return -std::abs(std::stod(s.at("n")) - 4); });
  std::map<std::string, int> seen;
  for (const Trial& trial : trials) ++seen[trial.setting.at("n")];
  EXPECT_GE(seen.size(), 10u);
}

TEST(ParzenSearch, passes_over_trials_of_another_space) {
  const std::vector<Trial> old = search(space_of_four(), 30, 1, planted);
  const SearchSpace space = {{.name = "lr", .low = 1e-4, .high = 1e-2, .is_log = true},
                             {.name = "clip", .low = 1, .high = 2}};
  EXPECT_EQ(propose(space, old, 30, {}), propose(space, {}, 30, {}));
}

}  // namespace
}  // namespace canopy
