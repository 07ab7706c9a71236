// SPDX-License-Identifier: Apache-2.0
#include "train/step_trace.h"

#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include <ATen/Context.h>
#include <torch/csrc/autograd/profiler_kineto.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/trace.h"

namespace canopy {
namespace {

namespace profiler = torch::autograd::profiler;
namespace kineto = torch::profiler::impl;

/// The two numbers of "20..40".
std::optional<std::pair<std::int64_t, std::int64_t>> range_of(const std::string& steps) {
  const std::size_t dots = steps.find("..");
  const auto number = [](const std::string& text) -> std::int64_t {
    const bool is_one = !text.empty() && text.size() < 16 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    return is_one ? std::stoll(text) : 0;
  };
  if (dots == std::string::npos) return std::nullopt;
  const std::int64_t first = number(steps.substr(0, dots)), last = number(steps.substr(dots + 2));
  if (first < 1 || last < first) return std::nullopt;
  return std::pair(first, last);
}

void start_kineto() {
  ::setenv("KINETO_LOG_LEVEL", "99", /*overwrite=*/0);  // it reports a missing GPU as an error
  std::set<kineto::ActivityType> activities{kineto::ActivityType::CPU};
  if (at::globalContext().hasCUDA()) activities.insert(kineto::ActivityType::CUDA);
  const kineto::ProfilerConfig config(
      kineto::ProfilerState::KINETO, false, false, false, false, false);
  profiler::prepareProfiler(config, activities);
  profiler::enableProfiler(config, activities, {at::RecordScope::FUNCTION});
}

/// Kineto's events, in microseconds since `start_ns`. It hands them out as a file only.
std::vector<nlohmann::ordered_json> stop_kineto(std::int64_t start_ns,
                                                const std::filesystem::path& beside) {
  const auto result = profiler::disableProfiler();
  const AtomicFile file(beside);  // never committed
  result->save(file.path().string());
  const auto document = nlohmann::ordered_json::parse(read_file(file.path()));
  const double shift_us =
      static_cast<double>(document.at("baseTimeNanoseconds").get<std::int64_t>() - start_ns) / 1e3;
  std::vector<nlohmann::ordered_json> events;
  for (nlohmann::ordered_json event : document.at("traceEvents")) {
    if (event.value("ph", "") != "X" || event.value("cat", "") == "Trace") continue;
    event["ts"] = event.at("ts").get<double>() + shift_us;
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace

void TraceOptions::validate() const {
  require(steps.empty() || range_of(steps), [&] {
    return "profile: '" + steps + "' is no range of steps; give the first and the last, as 20..40";
  });
  require(level == "host" || level == "operators",
          [&] { return "profile-level: '" + level + "' is not known; use host or operators"; });
}

struct StepTrace::Recorders {
  Trace trace;
  bool has_kineto = false;
};

StepTrace::StepTrace(const TraceOptions& options, std::filesystem::path file)
    : with_operators_(options.level == "operators"), file_(std::move(file)) {
  options.validate();
  if (!options.steps.empty()) std::tie(first_, last_) = *range_of(options.steps);
}

StepTrace::~StepTrace() {
  if (recorders_ && recorders_->has_kineto) profiler::disableProfiler();
}

void StepTrace::before(std::int64_t step) {
  if (recorders_ || step < first_ || step > last_) return;
  recorders_ = std::make_unique<Recorders>();
  if (!with_operators_) return;
  start_kineto();
  recorders_->has_kineto = true;
}

void StepTrace::after(std::int64_t step) {
  if (step >= last_) finish();
}

void StepTrace::finish() {
  if (!recorders_) return;
  recorders_->trace.stop();
  std::vector<nlohmann::ordered_json> operators;
  if (std::exchange(recorders_->has_kineto, false))
    operators = stop_kineto(recorders_->trace.start_ns(), file_);
  write_file(file_, recorders_->trace.document(operators).dump() + "\n");
  log_info("trace: " + file_.string() + "; open it in Perfetto or chrome://tracing");
  recorders_.reset();
}

}  // namespace canopy
