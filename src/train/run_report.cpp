// SPDX-License-Identifier: Apache-2.0
#include "train/run_report.h"

#include <ctime>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/utc.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kSchema[] = "canopy run 1";

/// Of the whole process so far.
double cpu_seconds() {
  timespec time = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Json to_json(const RunStart& start) {
  return {{"started_at", start.started_at},
          {"finished_at", start.finished_at},
          {"status", start.status},
          {"wall_s", start.wall_s},
          {"cpu_s", start.cpu_s},
          {"usd", start.usd},
          {"examples_seen", start.examples_seen},
          {"bytes_read", start.bytes_read}};
}

RunStart start_from(const Json& json) {
  RunStart start;
  json.at("started_at").get_to(start.started_at);
  json.at("finished_at").get_to(start.finished_at);
  json.at("status").get_to(start.status);
  json.at("wall_s").get_to(start.wall_s);
  json.at("cpu_s").get_to(start.cpu_s);
  json.at("usd").get_to(start.usd);
  json.at("examples_seen").get_to(start.examples_seen);
  start.bytes_read = json.value("bytes_read", start.bytes_read);
  return start;
}

RunReport report_from(const Json& json) {
  RunReport report;
  if (json.at("schema") != kSchema) throw Error(Fault::User, "its schema is another");
  json.at("id").get_to(report.id);
  json.at("dataset").get_to(report.dataset);
  json.at("dataset_id").get_to(report.dataset_id);
  report.options = json.at("options");
  for (const Json& start : json.at("starts")) report.starts.push_back(start_from(start));
  const Json& model = json.at("model");
  if (model.is_null()) return report;
  model.at("id").get_to(report.model_id);
  model.at("name").get_to(report.model_name);
  report.metrics = model.at("metrics");
  return report;
}

}  // namespace

std::filesystem::path report_path(const RunFolder& run) { return run.path() / "run.json"; }

void write_run_report(const RunFolder& run, const RunReport& report) {
  Json document = {{"schema", kSchema},
                   {"id", report.id},
                   {"dataset", report.dataset},
                   {"dataset_id", report.dataset_id},
                   {"options", report.options},
                   {"starts", Json::array()},
                   {"model", nullptr}};
  for (const RunStart& start : report.starts) document["starts"].push_back(to_json(start));
  if (!report.model_id.empty())
    document["model"] = {
        {"id", report.model_id}, {"name", report.model_name}, {"metrics", report.metrics}};
  write_file(report_path(run), document.dump(2) + "\n");
}

RunReport read_run_report(const RunFolder& run) {
  const std::string text = read_file(report_path(run));
  try {
    return report_from(Json::parse(text));
  } catch (const std::exception& error) {
    throw Error(Fault::User,
                report_path(run).string() + ": not the run.json of canopy-train (" + error.what() +
                    "); bring the run's folder here again");
  }
}

StartClock::StartClock()
    : started_at_(utc_now()), wall_(std::chrono::steady_clock::now()), cpu_s_(cpu_seconds()) {}

RunStart StartClock::stop(const TrainResult* result, double usd_per_hour) const {
  RunStart start;
  start.started_at = started_at_;
  start.finished_at = utc_now();
  start.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
  start.cpu_s = cpu_seconds() - cpu_s_;
  start.usd = start.wall_s / 3600 * usd_per_hour;
  start.status = !result ? "failed" : result->is_done ? "done" : "interrupted";
  if (result) start.examples_seen = result->examples_seen;
  if (result) start.bytes_read = result->bytes_read;
  return start;
}

}  // namespace canopy
