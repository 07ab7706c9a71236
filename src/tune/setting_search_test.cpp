// SPDX-License-Identifier: Apache-2.0
#include "tune/setting_search.h"

#include <signal.h>

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "base/interrupt.h"
#include "train/tiny_run.h"

namespace canopy {
namespace {

using testing::HasSubstr;

struct Killed {};

const SearchSpace kSpace = {{.name = "lr", .low = 1e-5, .high = 1e-1, .is_log = true},
                            {.name = "loss-mask", .low = 0, .high = 4}};
const Setting kGiven = {{"lr", "0.05"}, {"loss-mask", "3.5"}};

double planted(const Setting& setting) {
  const double lr = std::log10(std::stod(setting.at("lr"))) + 3;
  const double mask = std::stod(setting.at("loss-mask")) - 1;
  return 1 - lr * lr / 4 - mask * mask / 4;
}

class SettingSearch : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    options_.trials = 16;
    tasks_.report_every = 10;
    tasks_.is_taken = [](const std::string&) { return false; };
    tasks_.tell = [](const Trial&) {};
    tasks_.run = [this](const Trial& trial, const SearchTasks::GoOn& go_on) {
      return curve_of(trial, go_on);
    };
  }
  void TearDown() override {
    std::filesystem::remove_all(folder_);
    set_interrupted(0);
  }

  /// A trial whose worth rises over five evaluations to what is planted; dies where told to.
  TrialOutcome curve_of(const Trial& trial, const SearchTasks::GoOn& go_on) {
    for (int step = 10; step <= 50; step += 10) {
      if (--lives_ == 0) throw Killed();
      ++evaluations_;
      if (!go_on(step, planted(trial.setting) * step / 50))
        return {.kind = TrialOutcome::Kind::Stopped};
    }
    return {.value = planted(trial.setting)};
  }
  Study open(const std::string& name = "oaks") const {
    return Study(folder_ / (name + ".sqlite"), name, "f1", {});
  }
  bool search(Study& study) { return search_settings(study, kSpace, kGiven, options_, tasks_); }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("search_" + std::to_string(::getpid()));
  SearchOptions options_;
  SearchTasks tasks_;
  int lives_ = -1, evaluations_ = 0;
};

TEST_F(SettingSearch, begins_with_what_was_given_and_ends_with_something_better) {
  Study study = open();
  EXPECT_TRUE(search(study));
  const std::vector<Trial> trials = study.trials();
  ASSERT_EQ(trials.size(), 16u);
  EXPECT_EQ(trials[0].setting, kGiven);
  EXPECT_GT(*best_of(trials)->value, 0.8);
  EXPECT_LT(*trials[0].value, 0);
  EXPECT_TRUE(search(study)) << "nothing is left to do";
  EXPECT_EQ(study.trials().size(), 16u);
}

TEST_F(SettingSearch, stops_what_is_not_worth_its_end) {
  for (const char* rule : {"median", "halving", "none"}) {
    evaluations_ = 0;
    options_.pruning.rule = rule;
    Study study = open(rule);
    search(study);
    const auto pruned = std::ranges::count(study.trials(), TrialState::Pruned, &Trial::state);
    EXPECT_EQ(pruned > 0, options_.pruning.rule != "none") << rule;
    EXPECT_EQ(evaluations_ < 16 * 4, options_.pruning.rule != "none") << rule << evaluations_;
    EXPECT_GT(*best_of(study.trials())->value, 0.8) << rule;
    for (const Trial& trial : study.trials())
      if (trial.state == TrialState::Pruned) {
        EXPECT_EQ(trial.value, trial.reports.rbegin()->second);
      }
  }
}

TEST_F(SettingSearch, killed_again_and_again_goes_the_way_of_one_that_was_not) {
  Study whole = open("whole");
  search(whole);
  int kills = 0;
  for (bool is_done = false; !is_done;) {
    Study study = open("killed");
    lives_ = 11;
    try {
      is_done = search(study);
    } catch (const Killed&) {
      ++kills;
    }
  }
  EXPECT_GT(kills, 4);
  const std::vector<Trial> expected = whole.trials(), found = open("killed").trials();
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].setting, expected[i].setting) << i;
    EXPECT_EQ(found[i].state, expected[i].state) << i;
    EXPECT_EQ(found[i].reports, expected[i].reports) << i;
    EXPECT_EQ(found[i].value, expected[i].value) << i;
  }
}

TEST_F(SettingSearch, an_interrupted_trial_waits_for_the_next_start) {
  Study study = open();
  tasks_.run = [&](const Trial& trial, const SearchTasks::GoOn& go_on) -> TrialOutcome {
    if (trial.number < 2) return curve_of(trial, go_on);
    set_interrupted(SIGINT);
    return {.kind = TrialOutcome::Kind::Interrupted};
  };
  EXPECT_FALSE(search(study));
  EXPECT_EQ(study.trials().size(), 3u);
  EXPECT_EQ(study.trials().back().state, TrialState::Running);
  set_interrupted(0);
  std::vector<std::int64_t> told;
  tasks_.tell = [&](const Trial& trial) { told.push_back(trial.number); };
  tasks_.run = [&](const Trial& t, const SearchTasks::GoOn& go_on) { return curve_of(t, go_on); };
  EXPECT_TRUE(search(study));
  EXPECT_EQ(told.front(), 2);
}

TEST_F(SettingSearch, goes_on_after_settings_that_cannot_be_trained_with) {
  Study study = open();
  tasks_.run = [&](const Trial& trial, const SearchTasks::GoOn& go_on) {
    require(trial.number % 3 != 1, "the loss is not a number");
    TrialOutcome outcome = curve_of(trial, go_on);
    if (trial.number == 2) outcome = {.value = NAN};
    return outcome;
  };
  EXPECT_TRUE(search(study));
  EXPECT_EQ(study.trials()[1].state, TrialState::Fail);
  EXPECT_EQ(study.trials()[1].error, "the loss is not a number");
  EXPECT_THAT(study.trials()[2].error, HasSubstr("not a number"));
  EXPECT_TRUE(best_of(study.trials()));
}

TEST_F(SettingSearch, gives_up_where_every_trial_fails) {
  Study study = open();
  tasks_.run = [](const Trial&, const SearchTasks::GoOn&) -> TrialOutcome {
    throw Error(Fault::User, "no tile is labelled");
  };
  EXPECT_EQ(error_of([&] { search(study); }),
            "User: the first 3 trials failed: no tile is labelled");
  EXPECT_FALSE(best_of(study.trials()));
}

TEST_F(SettingSearch, a_full_disk_is_not_the_fault_of_a_setting) {
  Study study = open();
  tasks_.run = [](const Trial&, const SearchTasks::GoOn&) -> TrialOutcome {
    throw Error(Fault::Environment, "no space left on device");
  };
  EXPECT_THAT(error_of([&] { search(study); }), HasSubstr("no space left"));
  EXPECT_EQ(study.trials().back().state, TrialState::Running) << "for the next start";
}

TEST_F(SettingSearch, takes_no_run_that_is_another) {
  Study study = open();
  tasks_.is_taken = [](const std::string& run) { return run == "oaks-0"; };
  EXPECT_THAT(error_of([&] { search(study); }), HasSubstr("a run 'oaks-0' already"));
  EXPECT_TRUE(study.trials().empty());
}

TEST_F(SettingSearch, impossible_requests_are_refused) {
  const auto refused = [](SearchOptions options) { return error_of([&] { options.validate(); }); };
  EXPECT_THAT(refused({.trials = 0}), HasSubstr("trials must be at least 1"));
  EXPECT_THAT(refused({.first = 0}), HasSubstr("first-trials must be at least 1"));
  EXPECT_THAT(refused({.objective = "loss"}), HasSubstr("use f1, box_ap50 or mask_ap50"));
}

TEST_F(SettingSearch, trains_and_stops_real_runs) {
  const TinyData tiny("search", LabelKind::Mask);
  options_.trials = 4;
  options_.pruning.least = 1;
  tasks_.report_every = 1;
  tasks_.run = [&](const Trial& trial, const SearchTasks::GoOn& go_on) -> TrialOutcome {
    TrainOptions options = tiny_options();
    options.eval_every = 1;
    options.steps = 3;
    Fields fields(options);
    apply(trial.setting, fields);
    const auto after = [&](std::int64_t step, const std::map<std::string, double>& figures) {
      EXPECT_TRUE(figures.contains("val_f1"));
      return go_on(step, -figures.at("loss"));
    };
    const TrainResult result =
        train(tiny.data(), options, tiny.run(trial.run), false, no_progress(), after);
    if (result.is_stopped) return {.kind = TrialOutcome::Kind::Stopped};
    return {.value = result.metrics.at("f1")};
  };
  Study study = open();
  EXPECT_TRUE(search(study));
  for (const Trial& trial : study.trials()) {
    const RunFolder run(tiny.run(trial.run));
    const bool is_pruned = trial.state == TrialState::Pruned;
    EXPECT_EQ(trial.state, is_pruned ? TrialState::Pruned : TrialState::Complete);
    EXPECT_EQ(run.is_stopped(), is_pruned);
    EXPECT_EQ(run.is_done(), !is_pruned);
    EXPECT_EQ(std::filesystem::exists(run.model()), !is_pruned);
    EXPECT_NEAR(run.options().lr, std::stod(trial.setting.at("lr")), 1e-12);
  }
}

}  // namespace
}  // namespace canopy
