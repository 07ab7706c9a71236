// SPDX-License-Identifier: Apache-2.0
#include "tune/study.h"

#include <signal.h>

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "base/process_for_test.h"
#include "registry/sqlite_session.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

const SearchSpace kSpace = {
    {.name = "lr", .low = 1e-4, .high = 1e-2, .is_log = true},
    {.name = "batch", .kind = Parameter::Kind::Whole, .low = 1, .high = 8},
    {.name = "precision", .kind = Parameter::Kind::Choice, .choices = {"fp32", "bf16"}}};
const Setting kSetting = {{"lr", "0.0012345"}, {"batch", "4"}, {"precision", "bf16"}};

Study::Propose always(const Setting& setting) {
  return [setting](const std::vector<Trial>&, std::int64_t) { return setting; };
}

class StudyTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  Study open(const std::string& name = "oaks") const {
    return Study(file_, name, "f1", {{"dataset_id", "d"}, {"steps", 40}});
  }
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("study_" + std::to_string(::getpid()));
  const std::filesystem::path file_ = folder_ / "optuna.sqlite";
};

TEST_F(StudyTest, keeps_trials_with_their_settings_reports_and_ends) {
  {
    Study study = open();
    auto first = study.begin(kSpace, always(kSetting));
    EXPECT_EQ(first->trial.run, "oaks-0");
    study.report(0, 10, 0.25);
    study.report(0, 20, NAN);
    study.end(*first, TrialState::Complete, 0.75, {{"box_ap50", 0.5}});
    auto second = study.begin(kSpace, always(kSetting));
    study.report(1, 10, 0.125);
    study.report(1, 10, 0.0625);
    study.end(*second, TrialState::Pruned, 0.0625, {});
    auto third = study.begin(kSpace, always(kSetting));
    study.end(*third, TrialState::Fail, std::nullopt, {{"error", "the loss is \"nan\""}});
  }
  const std::vector<Trial> trials = open().trials();
  ASSERT_EQ(trials.size(), 3u);
  EXPECT_EQ(trials[0].setting, kSetting);
  EXPECT_EQ(trials[0].state, TrialState::Complete);
  EXPECT_EQ(trials[0].value, 0.75);
  EXPECT_EQ(trials[0].reports.at(10), 0.25);
  EXPECT_TRUE(std::isnan(trials[0].reports.at(20)));
  EXPECT_FALSE(trials[0].started_at.empty());
  EXPECT_GE(trials[0].ended_at, trials[0].started_at);
  EXPECT_EQ(trials[1].number, 1);
  EXPECT_EQ(trials[1].state, TrialState::Pruned);
  EXPECT_EQ(trials[1].reports, (std::map<std::int64_t, double>{{10, 0.0625}}));
  EXPECT_EQ(trials[2].error, "the loss is \"nan\"");
  EXPECT_EQ(trials[2].value, std::nullopt);
}

TEST_F(StudyTest, several_share_a_file_and_remember_what_they_were_begun_with) {
  Study oaks = open("oaks"), pines(file_, "pines", "box_ap50", {{"dataset_id", "p"}});
  const auto held = pines.begin(kSpace, always(kSetting));
  EXPECT_EQ(held->trial.number, 0);
  EXPECT_TRUE(oaks.trials().empty());
  const Study again(file_, "oaks", "mask_ap50", {{"dataset_id", "other"}});
  EXPECT_EQ(again.about(), Json({{"dataset_id", "d"}, {"steps", 40}}));
  std::string metric;
  SqliteSession(file_).run("SELECT value_json FROM study_system_attributes ORDER BY study_id",
                           {},
                           [&](const SqlSession::Row& row) { metric += row.text(0); });
  EXPECT_EQ(metric, R"(["f1"]["box_ap50"])");
}

TEST_F(StudyTest, a_trial_is_taken_up_only_once_its_process_is_gone) {
  Study mine = open(), other = open();
  {
    const auto running = mine.begin(kSpace, always(kSetting));
    EXPECT_FALSE(other.adopt()) << "it runs";
    EXPECT_EQ(other.begin(kSpace, always(kSetting))->trial.number, 1);
    EXPECT_EQ(other.adopt()->trial.number, 1) << "dropped at once";
  }
  const auto held = other.adopt();
  ASSERT_TRUE(held);
  EXPECT_EQ(held->trial.number, 0);
  EXPECT_EQ(held->trial.setting, kSetting);
  other.end(*held, TrialState::Complete, 1, {});
  EXPECT_EQ(mine.adopt()->trial.number, 1);
}

TEST_F(StudyTest, a_process_killed_at_any_moment_leaves_whole_trials) {
  { const Study made = open(); }
  for (int round = 0; round < 8; ++round) {
    const pid_t child = child_that([&] {
      Study study = open();
      while (true) {
        auto held = study.adopt();
        if (!held) held = study.begin(kSpace, always(kSetting));
        for (int step = 1; step <= 3; ++step) study.report(held->trial.number, step, 0.5);
        study.end(*held, TrialState::Complete, 0.5, {{"seconds", 1}});
      }
    });
    ::usleep(20000 + 7000 * round);
    ::kill(child, SIGKILL);
    EXPECT_EQ(WTERMSIG(status_of(child)), SIGKILL);
    const std::vector<Trial> trials = open().trials();
    std::int64_t number = 0, running = 0;
    for (const Trial& trial : trials) {
      EXPECT_EQ(trial.number, number++);
      EXPECT_EQ(trial.setting, kSetting);
      EXPECT_EQ(trial.run, "oaks-" + std::to_string(trial.number));
      running += trial.state == TrialState::Running;
      if (trial.state == TrialState::Complete) {
        EXPECT_EQ(trial.reports.size(), 3u);
        EXPECT_EQ(trial.value, 0.5);
      }
    }
    EXPECT_LE(running, 1);
  }
  EXPECT_GT(open().trials().size(), 1u);
}

TEST_F(StudyTest, what_is_no_study_of_ours_is_refused) {
  write_file(folder_ / "words.txt", "no database, and long enough to be looked at as one");
  EXPECT_THAT(error_of([&] { Study(folder_ / "words.txt", "x", "f1", {}); }),
              HasSubstr("is no SQLite file"));
  SqliteSession(folder_ / "other.sqlite").execute("CREATE TABLE things (a)");
  EXPECT_THAT(error_of([&] { Study(folder_ / "other.sqlite", "x", "f1", {}); }),
              HasSubstr("another program's database"));
  { const Study made = open(); }
  SqliteSession(file_).execute("UPDATE study_directions SET direction = 'MINIMIZE'");
  EXPECT_THAT(error_of([&] { open(); }), HasSubstr("give study=ANOTHER"));
  SqliteSession(file_).execute("UPDATE alembic_version SET version_num = 'v9'");
  EXPECT_THAT(error_of([&] { open(); }), HasSubstr("Optuna's schema 'v9'"));
}

}  // namespace
}  // namespace canopy
