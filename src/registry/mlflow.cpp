// SPDX-License-Identifier: Apache-2.0
#include "registry/mlflow.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "base/s3_address.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

// Limits of the API.
constexpr std::size_t kMetricsAtOnce = 1000, kParamsAtOnce = 100, kLongestText = 500;

std::string text_of(const Json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return text.substr(0, kLongestText);
}

Json pairs_of(const Json& object) {
  Json pairs = Json::array();
  for (const auto& [key, value] : object.items())
    pairs.push_back({{"key", key}, {"value", text_of(value)}});
  return pairs;
}

std::optional<double> number_in(const std::string& cell) {
  double value = 0;
  const char* const end = cell.data() + cell.size();
  const auto [last, error] = std::from_chars(cell.data(), end, value);
  if (error != std::errc() || last != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// Since 1970, of a time as base/utc.h writes it; 0 of none.
std::int64_t milliseconds(const std::string& utc) {
  std::tm time = {};
  const char* end = ::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  return end == nullptr ? 0 : 1000 * static_cast<std::int64_t>(::timegm(&time));
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

/// The metrics of one line of metrics.csv; none where the line is not whole.
Json metrics_of(const std::vector<std::string>& columns,
                const std::vector<std::string>& cells,
                std::int64_t started_ms) {
  const auto seconds = std::ranges::find(columns, "seconds") - columns.begin();
  const auto at = static_cast<std::size_t>(seconds);
  const double elapsed = at < cells.size() ? number_in(cells[at]).value_or(0) : 0;
  Json metrics = Json::array();
  for (std::size_t i = 1; i < std::min(columns.size(), cells.size()); ++i)
    if (const auto value = number_in(cells[i]))
      metrics.push_back({{"key", columns[i]},
                         {"value", *value},
                         {"timestamp", started_ms + std::llround(1000 * elapsed)},
                         {"step", std::stoll(cells[0])}});
  return metrics;
}

}  // namespace

MlflowServer::MlflowServer(const std::string& url, const std::string& token)
    : server_(url.substr(0, url.find_last_not_of('/') + 1) + "/api/2.0/mlflow/", token) {}

std::string MlflowServer::experiment_id(const std::string& name) {
  const auto ask = [&] {
    return server_.get("experiments/get-by-name?experiment_name=" + percent_encode(name, false))
        .at("experiment")
        .at("experiment_id")
        .get<std::string>();
  };
  try {
    return ask();
  } catch (const Error& error) {
    if (error.fault() != Fault::User) throw;  // there is none
  }
  return server_.post("experiments/create", {{"name", name}}).at("experiment_id");
}

nlohmann::json MlflowServer::find_or_create(const Json& run) {
  const std::string experiment = experiment_id(run.at("experiment"));
  const std::string key = run.at("key");
  const nlohmann::json found = server_.post("runs/search",
                                            {{"experiment_ids", {experiment}},
                                             {"filter", "tags.`canopy.key` = '" + key + "'"},
                                             {"max_results", 1}});
  if (found.contains("runs") && !found.at("runs").empty()) return found.at("runs")[0];
  return server_
      .post("runs/create",
            {{"experiment_id", experiment},
             {"run_name", run.at("name")},
             {"start_time", milliseconds(run.at("started_at"))},
             {"tags", {{{"key", "canopy.key"}, {"value", key}}}}})
      .at("run");
}

void MlflowServer::add_params(const std::string& id, const Json& params) {
  const Json pairs = pairs_of(params);
  for (std::size_t i = 0; i < pairs.size(); i += kParamsAtOnce) {
    const auto begin = pairs.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end =
        pairs.begin() + static_cast<std::ptrdiff_t>(std::min(i + kParamsAtOnce, pairs.size()));
    server_.post("runs/log-batch",
                 {{"run_id", id}, {"params", Json(std::vector<Json>(begin, end))}});
  }
}

void MlflowServer::add_history(const std::string& id, std::int64_t last_step, const Json& run) {
  std::ifstream file(run.at("history").get<std::string>());
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> columns = cells_of(line);
  Json batch = Json::array();
  const auto send = [&] {
    if (!batch.empty()) server_.post("runs/log-batch", {{"run_id", id}, {"metrics", batch}});
    batch = Json::array();
  };
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() < 2 || !number_in(cells[0]) ||
        *number_in(cells[0]) <= static_cast<double>(last_step))
      continue;
    // The metrics of a step go together, so that the last step of one is that of all.
    const Json metrics = metrics_of(columns, cells, milliseconds(run.at("started_at")));
    if (batch.size() + metrics.size() > kMetricsAtOnce) send();
    batch.insert(batch.end(), metrics.begin(), metrics.end());
  }
  send();
}

void MlflowServer::enter(const Json& run) {
  const nlohmann::json there = find_or_create(run);
  const std::string id = there.at("info").at("run_id");
  std::int64_t last_step = 0;
  if (there.contains("data") && there.at("data").contains("metrics"))
    for (const auto& metric : there.at("data").at("metrics"))
      if (metric.at("key") == "loss") last_step = metric.value("step", std::int64_t{0});
  const bool has_params = there.contains("data") && there.at("data").contains("params");
  if (!has_params) add_params(id, run.at("params"));
  add_history(id, last_step, run);
  Json finals = Json::array();
  for (const auto& [key, value] : run.at("metrics").items())
    if (value.is_number())
      finals.push_back({{"key", "final_" + key},
                        {"value", value},
                        {"timestamp", milliseconds(run.at("ended_at"))},
                        {"step", 0}});
  server_.post("runs/log-batch",
               {{"run_id", id}, {"metrics", finals}, {"tags", pairs_of(run.at("tags"))}});
  Json update = {{"run_id", id}, {"status", run.at("status")}};
  if (const std::string ended = run.at("ended_at"); !ended.empty())
    update["end_time"] = milliseconds(ended);
  server_.post("runs/update", update);
}

}  // namespace canopy
