// SPDX-License-Identifier: Apache-2.0
#include "registry/mlflow.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "base/own_path_for_test.h"
#include "store/http_server_for_test.h"

namespace canopy {
namespace {

using Json = nlohmann::json;
using testing::StartsWith;

/// One experiment and at most one run, as the API shows them. The real server: the system test
/// mlflow_takes_runs.
class TrackingServer {
 public:
  std::string url() const { return server_.url(); }
  Json run = nullptr;
  std::vector<Json> batches;
  Json update;

 private:
  Json answer(const std::string& target, const Json& asked) {
    if (target.starts_with("/api/2.0/mlflow/experiments/get-by-name"))
      return {{"experiment", {{"experiment_id", "7"}}}};
    if (target == "/api/2.0/mlflow/runs/search")
      return run.is_null() ? Json::object() : Json{{"runs", {run}}};
    if (target == "/api/2.0/mlflow/runs/create") {
      run = {{"info", {{"run_id", "r1"}}}, {"data", Json::object()}};
      return {{"run", run}};
    }
    if (target == "/api/2.0/mlflow/runs/log-batch") batches.push_back(asked);
    if (target == "/api/2.0/mlflow/runs/update") update = asked;
    return Json::object();
  }
  HttpServerForTest server_{[this](const RequestForTest& request) {
    const Json asked = request.body.empty() ? Json() : Json::parse(request.body);
    return HttpServerForTest::answer(200, answer(request.target, asked).dump());
  }};
};

class MlflowTest : public testing::Test {
 protected:
  void SetUp() override { ::setenv("no_proxy", "127.0.0.1", 1); }

  /// A finished run of `steps` steps with two figures each, one of which is not always known.
  nlohmann::ordered_json document(int steps) const {
    const auto path = own_path("metrics.csv");
    std::ofstream csv(path);
    csv << "step,seconds,loss,val_f1\n";
    for (int step = 1; step <= steps; ++step)
      csv << step << "," << 0.5 * step << "," << 1.0 / step << ",\n";
    return {{"key", "k"},
            {"experiment", "canopy"},
            {"name", "oak-1"},
            {"status", "FINISHED"},
            {"started_at", "2026-01-01T00:00:00Z"},
            {"ended_at", "2026-01-01T00:10:00Z"},
            {"params", {{"lr", 0.5}, {"model", "lite"}}},
            {"tags", {{"canopy.run", "oak-1"}}},
            {"metrics", {{"f1", 0.75}, {"precision", "fp32"}}},
            {"history", path.string()}};
  }
  std::vector<Json> metrics_of(const TrackingServer& server, const std::string& key) const {
    std::vector<Json> found;
    for (const Json& batch : server.batches)
      for (const Json& metric : batch.value("metrics", Json::array()))
        if (metric.at("key") == key) found.push_back(metric);
    return found;
  }
};

TEST_F(MlflowTest, a_run_is_created_once_and_its_history_goes_on) {
  TrackingServer server;
  MlflowServer(server.url() + "/", "").enter(document(3));
  ASSERT_EQ(metrics_of(server, "loss").size(), 3u);
  EXPECT_EQ(metrics_of(server, "loss")[1].at("timestamp"), 1767225600000 + 1000);
  EXPECT_EQ(metrics_of(server, "final_f1")[0].at("value"), 0.75);
  EXPECT_TRUE(metrics_of(server, "val_f1").empty()) << "what is not known is left out";
  EXPECT_EQ(server.batches[0].at("params")[1], (Json{{"key", "model"}, {"value", "lite"}}));
  EXPECT_EQ(server.update.at("status"), "FINISHED");
  EXPECT_EQ(server.update.at("end_time"), 1767225600000 + 600000);

  server.batches.clear();
  server.run.at("data") = {{"metrics", {{{"key", "loss"}, {"step", 3}}}},
                           {"params", {{{"key", "lr"}, {"value", "0.5"}}}}};
  MlflowServer(server.url(), "").enter(document(5));
  const std::vector<Json> more = metrics_of(server, "loss");
  ASSERT_EQ(more.size(), 2u);
  EXPECT_EQ(more[0].at("step"), 4);
  for (const Json& batch : server.batches) EXPECT_FALSE(batch.contains("params"));
}

TEST_F(MlflowTest, a_long_history_goes_in_batches_that_hold_whole_steps) {
  TrackingServer server;
  MlflowServer(server.url(), "").enter(document(1700));
  std::set<int> steps;
  for (const Json& batch : server.batches) {
    const Json metrics = batch.value("metrics", Json::array());
    EXPECT_LE(metrics.size(), 1000u);
    if (metrics.empty() || metrics[0].at("key") == "final_f1") continue;
    EXPECT_EQ(metrics[0].at("key"), "seconds") << "the first of a step";
    for (const Json& metric : metrics) steps.insert(metric.at("step").get<int>());
  }
  EXPECT_EQ(metrics_of(server, "loss").size(), 1700u);
  EXPECT_EQ(steps.size(), 1700u);
}

TEST_F(MlflowTest, what_a_server_will_never_take_is_told_from_what_it_may_take_later) {
  int status = 400;
  HttpServerForTest server(
      [&](const RequestForTest&) { return HttpServerForTest::answer(status, "no"); });
  const auto said = [&](int with) {
    status = with;
    return error_of([&] { JsonServer(server.url(), "").post("/x", {}); });
  };
  for (const int never : {400, 404, 413, 422}) EXPECT_THAT(said(never), StartsWith("User: "));
  for (const int later : {401, 403, 408, 429, 500, 503})
    EXPECT_THAT(said(later), StartsWith("Environment: "));
  EXPECT_EQ(said(200), "no error");
}

}  // namespace
}  // namespace canopy
