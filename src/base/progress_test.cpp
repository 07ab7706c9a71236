// SPDX-License-Identifier: Apache-2.0
#include "base/progress.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace canopy {
namespace {

TEST(Progress, lines_tell_the_stage_the_amount_and_the_last_note) {
  testing::internal::CaptureStderr();
  auto progress = make_progress(ProgressStyle::Lines);
  progress->begin("ingest", 1200, "tiles");
  progress->update(600, "2 skipped");
  progress->end();
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, testing::HasSubstr("ingest"));
  EXPECT_THAT(text, testing::HasSubstr("1,200 of 1,200 tiles  2 skipped"));
}

TEST(Progress, what_an_earlier_run_has_done_does_not_count_as_done_now) {
  testing::internal::CaptureStderr();
  auto progress = make_progress(ProgressStyle::Bar);
  progress->begin("train", 1000, "steps");
  progress->update(900);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  progress->update(910);  // ten steps in a second: ninety take ten
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, testing::ContainsRegex("left 0:00:(09|1[0-9])")) << text;
}

TEST(Progress, json_is_one_object_a_line) {
  testing::internal::CaptureStderr();
  auto progress = make_progress(ProgressStyle::Json);
  progress->begin("train", 10, "steps");
  progress->end("done");
  std::istringstream lines(testing::internal::GetCapturedStderr());
  std::string line, last;
  while (std::getline(lines, line)) last = line;
  const auto object = nlohmann::json::parse(last);
  EXPECT_EQ(object.at("stage"), "train");
  EXPECT_TRUE(object.at("last"));
}

TEST(Progress, an_unknown_style_is_refused_with_the_choices) {
  EXPECT_THROW(progress_style("fancy"), Error);
  EXPECT_EQ(progress_style("json"), ProgressStyle::Json);
}

TEST(Progress, durations_and_counts_read_well) {
  EXPECT_EQ(format_duration(72.4), "0:01:12");
  EXPECT_EQ(format_duration(36000), "10:00:00");
  EXPECT_EQ(format_count(28114), "28,114");
  EXPECT_EQ(format_count(-999), "-999");
  EXPECT_EQ(format_count(1000000), "1,000,000");
}

}  // namespace
}  // namespace canopy
