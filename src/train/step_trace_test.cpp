// SPDX-License-Identifier: Apache-2.0
#include "train/step_trace.h"

#include <map>

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/trace.h"
#include "train/tiny_run.h"

namespace canopy {
namespace {

/// How often each name stands in a trace.
std::map<std::string, int> names_in(const std::filesystem::path& file) {
  std::map<std::string, int> names;
  const auto document = nlohmann::json::parse(read_file(file));
  for (const auto& event : document.at("traceEvents"))
    if (event.at("ph") == "X") ++names[event.at("name")];
  return names;
}

TEST(StepTrace, shows_what_loader_and_network_did_in_the_steps_asked_for) {
  const TinyData tiny("trace", LabelKind::Mask);
  TrainOptions options = tiny_options();
  options.steps = 6;
  options.trace.steps = "2..4";
  ASSERT_TRUE(train(tiny.data(), options, tiny.run("run"), false, no_progress()).is_done);
  const auto names = names_in(RunFolder(tiny.run("run")).trace());
  EXPECT_EQ(names.at("step"), 3);
  EXPECT_EQ(names.at("forward"), 3);
  EXPECT_EQ(names.at("backward"), 3);
  EXPECT_EQ(names.at("optimiser"), 3);
  EXPECT_EQ(names.at("wait for a batch"), 3);
  EXPECT_GE(names.at("decode"), 1);
  EXPECT_FALSE(names.contains("aten::addmm"));
}

TEST(StepTrace, shows_operators_on_the_same_clock) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "trace.json";
  std::filesystem::remove(file);
  StepTrace trace({"1..1", "operators"}, file);
  trace.before(1);
  {
    const TraceSpan span("step");
    at::ones({8, 8}).mm(at::ones({8, 8}));
  }
  EXPECT_FALSE(std::filesystem::exists(file));
  trace.after(1);
  const auto document = nlohmann::json::parse(read_file(file));
  nlohmann::json step, product;
  for (const auto& event : document.at("traceEvents")) {
    if (event.at("name") == "step") step = event;
    if (event.at("name") == "aten::mm") product = event;
  }
  ASSERT_TRUE(step.is_object());
  ASSERT_TRUE(product.is_object());
  EXPECT_EQ(product.at("tid"), step.at("tid"));
  const auto end = [](const nlohmann::json& e) {
    return e.at("ts").get<double>() + e.at("dur").get<double>();
  };
  EXPECT_GT(product.at("ts").get<double>(), step.at("ts").get<double>() - 100) << "microseconds";
  EXPECT_LT(end(product), end(step) + 100);
}

TEST(StepTrace, a_run_that_ends_early_leaves_what_there_is) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "early.json";
  StepTrace trace({"2..9", "host"}, file);
  trace.before(1);
  trace.after(1);
  trace.before(2);
  { const TraceSpan span("step"); }
  trace.finish();
  EXPECT_EQ(names_in(file).at("step"), 1);
  std::filesystem::remove(file);
  trace.finish();
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(StepTrace, what_is_no_range_of_steps_is_refused) {
  for (const std::string steps : {"20", "0..3", "5..4", "a..b", "1..", "..3", "1...3", "-1..3"})
    EXPECT_THROW((TraceOptions{steps, "host"}.validate()), Error) << steps;
  EXPECT_THROW((TraceOptions{"1..3", "kernel"}.validate()), Error);
  EXPECT_NO_THROW((TraceOptions{"1..3", "operators"}.validate()));
}

}  // namespace
}  // namespace canopy
