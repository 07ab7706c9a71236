// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include <nlohmann/json.hpp>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "base/error.h"

namespace canopy {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

/// The two destinations: stderr for people, and the open run's file for machines.
struct Sinks {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> terminal;
  std::shared_ptr<spdlog::logger> file;
  Sinks() {
    terminal = std::make_shared<spdlog::logger>(
        "canopy", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    terminal->set_pattern("%^%l%$: %v");
    terminal->set_level(spdlog::level::warn);
  }
};

Sinks& sinks() {
  static Sinks instance;
  return instance;
}

}  // namespace

void log(LogLevel level, const std::string& message) {
  std::lock_guard lock(sinks().mutex);
  sinks().terminal->log(level_of(level), "{}", message);
  if (sinks().file) {
    // The pattern adds time and level; the message is made safe for JSON here.
    sinks().file->log(
        level_of(level),
        "{}",
        nlohmann::json(message).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
}

void set_log_level(LogLevel level) { sinks().terminal->set_level(level_of(level)); }

LogFile::LogFile(const std::filesystem::path& path) {
  std::lock_guard lock(sinks().mutex);
  check(!sinks().file, "one log file at a time");
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
    sinks().file = std::make_shared<spdlog::logger>("file", std::move(sink));
  } catch (const spdlog::spdlog_ex& error) {
    throw Error(Fault::Environment, error.what());
  }
  sinks().file->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%v})");
  sinks().file->set_level(spdlog::level::debug);
  sinks().file->flush_on(spdlog::level::debug);
}

LogFile::~LogFile() {
  std::lock_guard lock(sinks().mutex);
  sinks().file.reset();
}

}  // namespace canopy
