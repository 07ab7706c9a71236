// SPDX-License-Identifier: Apache-2.0
#include "registry/announcer.h"

#include <signal.h>

#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error_for_test.h"
#include "base/interrupt.h"
#include "base/own_path_for_test.h"
#include "store/http_server_for_test.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class AnnouncerTest : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("no_proxy", "127.0.0.1", 1);
    ::unsetenv("OPENLINEAGE_API_KEY");
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  Workspace workspace(const std::string& config) {
    write_file(root_ / "canopy.toml", config);
    return Workspace::open(root_);
  }
  static LineageJob job() {
    LineageJob job;
    job.name = "train oaks", job.type = "TRAIN";
    return job;
  }
  /// The kinds of the events in the file that the workspace names.
  std::vector<std::string> told() {
    std::vector<std::string> types;
    if (!fs::exists(root_ / "lineage.jsonl")) return types;
    std::istringstream lines(read_file(root_ / "lineage.jsonl"));
    for (std::string line; std::getline(lines, line);)
      types.push_back(nlohmann::json::parse(line).at("eventType"));
    return types;
  }

  const fs::path root_ = own_path("announcer");
  const std::string file_ = "[openlineage]\nurl = \"file:lineage.jsonl\"\n";
};

const auto kNothing = [] { return std::vector<LineageDataset>(); };

TEST_F(AnnouncerTest, says_nothing_where_nobody_is_named) {
  const Announcer announcer(workspace(""));
  int done = 0;
  announcer.around(job(), [&] { return ++done, kNothing(); });
  announcer.track({});
  EXPECT_EQ(done, 1);
  EXPECT_FALSE(fs::exists(root_ / "outbox"));
}

TEST_F(AnnouncerTest, work_that_ends_breaks_or_is_interrupted_says_so) {
  const Announcer announcer(workspace(file_));
  announcer.around(job(), kNothing);
  EXPECT_THAT(error_of([&] {
                announcer.around(job(), []() -> std::vector<LineageDataset> {
                  throw Error(Fault::User, "no such column");
                });
              }),
              HasSubstr("no such column"));
  announcer.around(job(), [] { return set_interrupted(SIGINT), kNothing(); });
  set_interrupted(0);
  EXPECT_THAT(told(), ElementsAre("START", "COMPLETE", "START", "FAIL", "START", "ABORT"));
  EXPECT_THAT(read_file(root_ / "lineage.jsonl"), HasSubstr("\"message\":\"no such column\""));
}

TEST_F(AnnouncerTest, an_endpoint_gets_each_event_with_the_token_of_the_environment) {
  ::setenv("OPENLINEAGE_API_KEY", "opener", 1);
  std::vector<std::string> seen;
  HttpServerForTest server([&](const RequestForTest& request) {
    seen.push_back(request.method + " " + request.target + " " +
                   request.headers.at("authorization") + " " +
                   nlohmann::json::parse(request.body).at("eventType").get<std::string>());
    return HttpServerForTest::answer(201, "");
  });
  const Announcer announcer(
      workspace("[openlineage]\nurl = \"" + server.url() + "/api/v1/lineage\"\n"));
  announcer.around(job(), kNothing);
  EXPECT_THAT(seen,
              ElementsAre("POST /api/v1/lineage Bearer opener START",
                          "POST /api/v1/lineage Bearer opener COMPLETE"));
  ::unsetenv("OPENLINEAGE_API_KEY");
}

TEST_F(AnnouncerTest, a_server_that_is_down_stops_nothing_and_hears_of_it_later) {
  bool is_up = false;
  int taken = 0;
  HttpServerForTest server([&](const RequestForTest&) -> std::optional<std::string> {
    if (!is_up) return std::nullopt;
    return ++taken, HttpServerForTest::answer(200, "");
  });
  const Announcer announcer(workspace("[openlineage]\nurl = \"" + server.url() + "\"\n"));
  announcer.around(job(), kNothing);
  EXPECT_EQ(Outbox(root_ / "outbox").waiting("openlineage"), 2);
  is_up = true;
  announcer.around(job(), kNothing);
  EXPECT_EQ(taken, 4);
  EXPECT_EQ(Outbox(root_ / "outbox").waiting("openlineage"), 0);
}

TEST_F(AnnouncerTest, a_server_that_never_answers_costs_seconds_at_most) {
  HttpServerForTest server([](const RequestForTest&) {
    std::this_thread::sleep_for(std::chrono::seconds(11));
    return std::nullopt;
  });
  const Announcer announcer(workspace("[mlflow]\nurl = \"" + server.url() + "\"\n"));
  const auto begin = std::chrono::steady_clock::now();
  announcer.track({{"key", "k"}});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(Outbox(root_ / "outbox").waiting("mlflow"), 1);
}

TEST_F(AnnouncerTest, addresses_of_another_kind_are_refused) {
  EXPECT_THAT(error_of([&] { Announcer(workspace("[openlineage]\nurl = \"kafka://x\"\n")); }),
              HasSubstr("openlineage.url 'kafka://x'"));
  EXPECT_THAT(error_of([&] { Announcer(workspace("[mlflow]\nurl = \"mlruns\"\n")); }),
              HasSubstr("mlflow.url 'mlruns'"));
}

}  // namespace
}  // namespace canopy
