// SPDX-License-Identifier: Apache-2.0
#include "train/run_report.h"

#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

RunFolder run_in_temp(const std::string& name) {
  const std::filesystem::path folder = ::testing::TempDir() + "run_report_" + name;
  std::filesystem::remove_all(folder);
  return RunFolder(folder);
}

TEST(RunReport, what_is_written_is_read_again) {
  const RunFolder run = run_in_temp("again");
  RunReport report;
  report.id = "walnuts-1";
  report.dataset = "walnuts";
  report.dataset_id = "3f9c";
  report.options = {{"steps", 5}};
  report.starts = {
      {"2026-11-02T08:30:00Z", "2026-11-02T08:31:00Z", "interrupted", 60, 110, 0.05, 40},
      {"2026-11-02T09:00:00Z", "2026-11-02T09:02:00Z", "done", 120, 230, 0.1, 90}};
  write_run_report(run, report);
  EXPECT_EQ(read_run_report(run).model_id, "");
  report.model_id = "ab12";
  report.model_name = "walnut";
  report.metrics = {{"f1", 0.75}};
  write_run_report(run, report);
  const RunReport again = read_run_report(run);
  EXPECT_EQ(again.dataset_id, "3f9c");
  EXPECT_EQ(again.options, report.options);
  ASSERT_EQ(again.starts.size(), 2u);
  EXPECT_EQ(again.starts[0].status, "interrupted");
  EXPECT_EQ(again.starts[1].cpu_s, 230);
  EXPECT_EQ(again.starts[1].examples_seen, 90);
  EXPECT_EQ(again.model_name, "walnut");
  EXPECT_EQ(again.metrics, report.metrics);
}

TEST(RunReport, a_file_that_is_none_is_refused_by_name) {
  const RunFolder run = run_in_temp("refused");
  EXPECT_THROW(read_run_report(run), Error);
  for (const char* text : {"no JSON", "{}", R"({"schema": "canopy run 2"})"}) {
    write_file(report_path(run), text);
    try {
      read_run_report(run);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User);
      EXPECT_THAT(error.what(), ::testing::HasSubstr("run.json"));
    }
  }
}

TEST(StartClock, says_how_a_start_ended_and_what_it_cost) {
  const StartClock clock;
  TrainResult result;
  result.examples_seen = 12;
  EXPECT_EQ(clock.stop(nullptr, 0).status, "failed");
  EXPECT_EQ(clock.stop(&result, 0).status, "interrupted");
  result.is_done = true;
  const RunStart start = clock.stop(&result, 3600);
  EXPECT_EQ(start.status, "done");
  EXPECT_EQ(start.examples_seen, 12);
  EXPECT_DOUBLE_EQ(start.usd, start.wall_s);
  EXPECT_GE(start.wall_s, 0);
  EXPECT_LE(start.started_at, start.finished_at);
}

}  // namespace
}  // namespace canopy
